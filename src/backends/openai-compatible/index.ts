import { defineBackend } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { readTls } from "./auth/read-tls.ts";
import { toBaseUrl } from "./base-url.ts";
import { config } from "./config.ts";
import { discover } from "./discover.ts";
import { configuredProfile } from "./profiles/configured-profile.ts";
import { parameters } from "./parameters.ts";

const always = ["chat", "completion", "embedding", "classification"] as const;
const capabilities = [...always, "rerank"] as const;

/** Servers and services that speak OpenAI's API. */
export default defineBackend({
  type: "openai-compatible",
  description:
    "Asks a server that speaks OpenAI's API: vLLM, llama.cpp, LM Studio, LocalAI, a service in the cloud.",
  module: import.meta.url,
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
      {
        // By what is known before anything is asked: a server whose profile has yet to be found is not taken for one that ranks.
        capabilities:
          configuredProfile(setup.config)?.paths.rerank === undefined ? always : capabilities,
        methods: ["healthCheck", "listModels", "takesAnyModel"],
      },
      async () => (await import("./create-server-backend.ts")).createServerBackend(setup),
    ),
});
