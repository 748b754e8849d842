import type { Backend, BackendSetup, Health, Model } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { checkHealth } from "./check-health.ts";
import { classificationHandler } from "./classify.ts";
import type { AiSdkConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { createProviderModels } from "./provider-models.ts";

/** A provider's models through its package, which is imported with the first call. */
export function createProviderBackend({
  config: settings,
  directory,
  fetch,
}: BackendSetup<AiSdkConfig>): Backend {
  const models = createProviderModels(settings, directory);
  const chat = chatHandler(models);
  const { models: listed } = settings;
  const { baseURL } = settings.options;
  let found: Health | undefined;
  return {
    capabilities: {
      chat,
      embedding: embeddingHandler(models),
      classification: classificationHandler(chat),
    },
    async healthCheck(signal) {
      if (found !== undefined) return found;
      const health = await checkHealth(models, { baseURL, fetch, signal });
      // Some packages ask a service for their credentials: where nobody else is asked, once is enough.
      if (baseURL === undefined && health.status === "healthy") found = health;
      return health;
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
