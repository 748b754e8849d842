import type { Handler } from "../../contract/backend.ts";
import { textOf } from "../../contract/capabilities/chat.ts";
import { answer } from "./answer.ts";
import { renderChat } from "./chat-template.ts";
import { toChatHistory } from "./convert.ts";
import type { LoadedModels } from "./loaded-models.ts";
import { tokenizeText } from "./tokenize-text.ts";
import { refuseHugeText } from "./window.ts";

/** Chat on the models of one backend. */
export function chatHandler(models: LoadedModels): Handler<"chat"> {
  return async function* chat(request, context) {
    const history = toChatHistory(request.messages);
    const { model: loaded, signal, leave } = await models.enter(context.model, context);
    try {
      const length = request.messages.reduce((sum, message) => sum + textOf(message).length, 0);
      refuseHugeText(loaded.name, length, loaded.windowTokens);
      const { library } = loaded.engine;
      const rendered = renderChat(loaded.template().plain, history);
      const tokens = tokenizeText(library, loaded.model, rendered.text);
      const stop = [...(request.stop ?? []), ...rendered.stop];
      yield* answer(
        loaded,
        { tokens, reasoning: rendered.reasoning },
        { ...request, stop },
        signal,
        context,
      );
    } finally {
      leave();
    }
  };
}
