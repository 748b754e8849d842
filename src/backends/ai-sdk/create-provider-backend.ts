import type { Backend, BackendSetup, Model } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { checkCredentials } from "./check-credentials.ts";
import { classificationHandler } from "./classify.ts";
import type { AiSdkConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { createProviderModels } from "./provider-models.ts";

/** A provider's models through its package, which is imported with the first call. */
export function createProviderBackend({
  config: settings,
  directory,
}: BackendSetup<AiSdkConfig>): Backend {
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
}

function toModel(listed: NonNullable<AiSdkConfig["models"]>[number]): Model {
  if (typeof listed === "string") return { name: listed };
  const { name, capabilities, contextTokens } = listed;
  return {
    name,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
}
