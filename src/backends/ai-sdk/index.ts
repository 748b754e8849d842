import { defineBackend, type Model } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { checkCredentials } from "./check-credentials.ts";
import { classificationHandler } from "./classify.ts";
import { config, type AiSdkConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { parameters } from "./parameters.ts";
import { createProviderModels } from "./provider-models.ts";
import { secretsOf } from "./secrets-of.ts";

/** Any provider of the AI SDK, out of the package that the user has installed. */
export default defineBackend({
  type: "ai-sdk",
  description: "Speaks through a provider package of the AI SDK that you install.",
  config,
  sends: "guarded",
  // Without an address the package knows its own: somewhere remote.
  upstream: ({ options: { baseURL } }) => (baseURL === undefined ? undefined : { url: baseURL }),
  capabilities: ["chat", "embedding"],
  parameters,
  create({ config: settings, directory, secret }) {
    for (const each of secretsOf(settings.options)) secret(each);
    const models = createProviderModels(settings, directory);
    const chat = chatHandler(models);
    const { models: listed } = settings;
    let credentialsFound = false;
    return {
      capabilities: {
        chat,
        embedding: embeddingHandler(models),
        classification: classificationHandler(chat),
      },
      async healthCheck(signal) {
        // Some packages ask a service for them: once is enough.
        if (!credentialsFound) await checkCredentials(models, signal);
        credentialsFound = true;
        return { status: "healthy" };
      },
      ...(listed === undefined ? {} : { listModels: async () => listed.map(toModel) }),
    };
  },
});

function toModel(listed: NonNullable<AiSdkConfig["models"]>[number]): Model {
  if (typeof listed === "string") return { name: listed };
  const { name, capabilities, contextTokens } = listed;
  return {
    name,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
}
