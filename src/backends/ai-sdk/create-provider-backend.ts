import type { Backend, BackendSetup, Model } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import type { AiSdkConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { createProviderModels, type ProviderModels } from "./provider-models.ts";
import { toError } from "./to-error.ts";

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

/**
 * Whether the package loads and has what it needs to begin a request: one is made up to the point where it would be sent, and not sent.
 * @throws {ModelyardError} what a call would meet: `invalid-config`, `backend-unauthorized`
 */
async function checkCredentials(models: ProviderModels, signal: AbortSignal): Promise<void> {
  let ready = false;
  const model = "health";
  const send = () => {
    ready = true;
    return Promise.reject(new Error("A check of health sends nothing."));
  };
  try {
    const language = await models.language(model, send);
    await language.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
      abortSignal: signal,
    });
  } catch (thrown) {
    if (ready) return;
    const error = toError(thrown, { provider: models.provider, model, signal });
    // A package that only embeds, or that knows its models' names, has come far enough.
    if (error.code === "model-not-found") return;
    throw error;
  }
}
