import type { Handlers } from "../../contract/backend.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import { embeddingHandler } from "./embed.ts";
import type { DescribedModel, Runtime } from "./runtime.ts";

/** The handlers of a backend that runs its models itself. */
export function createHandlers<Model extends DescribedModel>(
  models: LoadedModels<Model>,
  runtime: Runtime<Model>,
): Handlers {
  return {
    chat: chatHandler(models, runtime),
    completion: completionHandler(models, runtime),
    embedding: embeddingHandler(models, runtime),
    classification: classificationHandler(models, runtime),
  };
}
