import { defineBackend } from "../../contract/backend.ts";
import { config } from "./config.ts";
import { createOllama } from "./create-ollama.ts";
import { discovery } from "./discover.ts";
import { parameters } from "./parameters.ts";

/** Models of an Ollama, by its native API. */
export default defineBackend({
  type: "ollama",
  description: "Models of an Ollama server; missing ones are pulled where that is allowed.",
  config,
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  discover: [discovery],
  parameters,
  capabilities: ["chat", "completion", "embedding"],
  create: createOllama,
});
