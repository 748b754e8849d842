import { defineBackend } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { config } from "./config.ts";
import { parameters } from "./parameters.ts";
import { secretsOf } from "./secrets-of.ts";

const capabilities = ["chat", "embedding", "classification"] as const;

/** Any provider of the AI SDK, out of the package that the user has installed. */
export default defineBackend({
  type: "ai-sdk",
  description: "Speaks through a provider package of the AI SDK that you install.",
  module: import.meta.url,
  config,
  sends: "guarded",
  // Without an address the package knows its own: somewhere remote.
  upstream: ({ options: { baseURL } }) => (baseURL === undefined ? undefined : { url: baseURL }),
  capabilities,
  parameters,
  create(setup) {
    for (const each of secretsOf(setup.config.options)) setup.secret(each);
    return deferBackend(
      {
        capabilities,
        // Where no models are named, any name is passed on.
        methods:
          setup.config.models === undefined ? ["healthCheck"] : ["healthCheck", "listModels"],
      },
      async () => (await import("./create-provider-backend.ts")).createProviderBackend(setup),
    );
  },
});
