import type { Handler } from "../../contract/backend.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { refuseFarTooLong } from "./encoding/encode.ts";
import { generate } from "./generation/generate.ts";
import type { LoadedModel } from "./models/load-model.ts";
import { unable } from "./unable.ts";

/** Continues a text as it stands. */
export function completionHandler(models: LoadedModels<LoadedModel>): Handler<"completion"> {
  return async function* completion({ prompt, ...options }, context) {
    const visit = await models.enter(context.model, context);
    try {
      const { model } = visit;
      if (model.description.task.kind !== "generation") throw unable(model, "generate text");
      refuseFarTooLong(model, prompt, "The prompt");
      const ids = model.tokenizer(prompt, { return_tensor: false }).input_ids;
      // Some tokenizers end every text, and then there is nothing to continue.
      const ended = ids.length > 1 && ids.at(-1) === model.tokenizer.eos_token_id;
      const promptIds = ended ? ids.slice(0, -1) : ids;
      yield* generate(visit, promptIds, { ...options, continues: true }, context);
    } finally {
      visit.leave();
    }
  };
}
