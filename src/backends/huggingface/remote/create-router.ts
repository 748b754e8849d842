import type { Backend, BackendSetup, CallContext } from "../../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";
import { readJson } from "../../../contract/http/read-json.ts";
import { plainProfile } from "../../openai-compatible/profiles/profile.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { checkHealth } from "./check-health.ts";
import { classifyWithPipeline } from "./classification/classify-with-pipeline.ts";
import type { Connection } from "./connection.ts";
import { embed } from "./embedding/embed.ts";
import { providerPath, routerRoute } from "./embedding/routes.ts";
import { chat } from "./generation/chat.ts";
import { toRouterModels } from "./to-router-models.ts";

/**
 * Inference Providers: chat by any of them, embedding and classification by Hugging Face's own (`hf-inference`), which lists nothing,
 * so that any name is worth a try.
 */
export function createRouter(
  connection: Connection,
  { config: { provider }, fetch }: BackendSetup<HuggingFaceConfig>,
): Backend {
  const named = (model: string) =>
    provider === undefined || model.includes(":") ? model : `${model}:${provider}`;
  return {
    capabilities: {
      chat: (request, context) =>
        chat(connection, { profile: plainProfile, name: named(context.model) }, request, context),
      embedding: (request, context) =>
        orNotServed(embed(connection, routerRoute(context.model), request, context), context),
      classification: (request, context) =>
        orNotServed(
          classifyWithPipeline(connection, providerPath(context.model), request, context),
          context,
        ),
    },
    async listModels(signal) {
      return toRouterModels(await readJson(await connection.send(fetch, "/v1/models", { signal })));
    },
    takesAnyModel: () => true,
    healthCheck: (signal) => checkHealth(connection, fetch, signal),
  };
}

/** Few models are served by `hf-inference`: for the others it answers 404, or 400 in words. */
async function orNotServed<T>(answer: Promise<T>, { model }: CallContext): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    const missing = error.details?.["status"] === 404 || /not supported/i.test(error.message);
    if (!missing || error.code === "backend-unauthorized") throw error;
    throw new ModelyardError("model-not-found", `hf-inference does not serve ${model}.`, {
      model,
      cause: error,
      remedy:
        'The hub lists what it serves (filter models by "HF Inference API"). Any other model runs with "mode": "local", or in an endpoint.',
    });
  }
}
