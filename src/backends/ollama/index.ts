import { defineBackend } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { config } from "./config.ts";
import { discovery } from "./discover.ts";
import { parameters } from "./parameters.ts";

const capabilities = ["chat", "completion", "embedding"] as const;

/** Models of an Ollama, by its native API. */
export default defineBackend({
  type: "ollama",
  description: "Models of an Ollama server; missing ones are pulled where that is allowed.",
  module: import.meta.url,
  config,
  atRunTime: { takes: ["baseUrl", "contextSize", "keepAlive", "options", "apiKey"] },
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  discover: [discovery],
  parameters,
  capabilities,
  create: (setup) =>
    deferBackend(
      {
        capabilities,
        methods: ["healthCheck", "listModels", "load", "unload", "pull", "remove"],
      },
      async () => (await import("./create-ollama.ts")).createOllama(setup),
    ),
});
