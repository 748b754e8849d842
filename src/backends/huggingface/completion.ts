import type { Handler } from "../../contract/backend.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import type { DescribedModel, Runtime } from "./runtime.ts";
import { refused, unable } from "./unable.ts";

/** Continues a text as it stands. */
export function completionHandler<Model extends DescribedModel>(
  models: LoadedModels<Model>,
  runtime: Runtime<Model>,
): Handler<"completion"> {
  return async function* completion({ prompt, ...options }, context) {
    const visit = await models.enter(context.model, context);
    try {
      const { model } = visit;
      if (options.logprobs !== undefined) throw refused(model.name, "logprobs");
      if (model.description.task.kind !== "generation") throw unable(model, "generate text");
      yield* runtime.complete(visit, prompt, options, context);
    } finally {
      visit.leave();
    }
  };
}
