import type { Handler } from "../../contract/backend.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { answer } from "./generation/answer.ts";
import type { LoadedModel } from "./model.ts";
import { refuseEncoder } from "./model.ts";
import { beginning, refuseHugeText } from "./generation/window.ts";

/** Completion on the models of one backend: the text as it is, without a template. */
export function completionHandler(models: LoadedModels<LoadedModel>): Handler<"completion"> {
  return async function* completion(request, context) {
    const { model: loaded, signal, leave } = await models.enter(context.model, context);
    try {
      refuseEncoder(loaded);
      refuseHugeText(loaded.name, request.prompt.length, loaded.windowTokens);
      const tokens = [...beginning(loaded.model), ...loaded.model.tokenize(request.prompt)];
      for await (const event of answer(loaded, { tokens }, request, signal, context)) {
        // without a template there is no reasoning to be told apart: it is all text
        if (event.type === "finish") yield event;
        else yield { ...event, type: "text-delta" };
      }
    } finally {
      leave();
    }
  };
}
