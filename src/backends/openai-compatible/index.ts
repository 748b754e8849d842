import { defineBackend } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { readTls } from "./auth/read-tls.ts";
import { toBaseUrl } from "./base-url.ts";
import { config } from "./config.ts";
import { discover } from "./discover.ts";
import { parameters } from "./parameters.ts";

const capabilities = ["chat", "completion", "embedding", "classification"] as const;

/** Servers and services that speak OpenAI's API. */
export default defineBackend({
  type: "openai-compatible",
  description:
    "Asks a server that speaks OpenAI's API: vLLM, llama.cpp, LM Studio, LocalAI, a service in the cloud.",
  config,
  atRunTime: {
    takes: [
      "baseUrl",
      "profile",
      "strict",
      "models",
      "apiKey",
      "auth.type",
      "auth.name",
      "auth.value",
      "auth.username",
      "auth.password",
      "headers",
    ],
  },
  upstream: ({ baseUrl, profile, tls }) => {
    const certificates = readTls(tls);
    return {
      url: toBaseUrl({ baseUrl, profile }),
      ...(certificates === undefined ? {} : { tls: certificates }),
    };
  },
  discover,
  parameters,
  capabilities,
  create: (setup) =>
    deferBackend(
      { capabilities, methods: ["healthCheck", "listModels", "takesAnyModel"] },
      async () => (await import("./create-server-backend.ts")).createServerBackend(setup),
    ),
});
