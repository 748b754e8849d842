import type { LlamaGrammarEvaluationState } from "node-llama-cpp";
import type { Handler } from "../../contract/backend.ts";
import { textOf } from "../../contract/capabilities/chat.ts";
import { answer } from "./answer.ts";
import { renderChat } from "./chat-template.ts";
import { toChatHistory } from "./convert.ts";
import type { JsonSchema } from "../../contract/schema.ts";
import { createJsonGrammar, toGrammarSchema } from "./json-schema.ts";
import type { LoadedModel } from "./model.ts";
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
      const grammar = await grammarOf(loaded, request.responseSchema);
      yield* answer(
        loaded,
        { tokens, reasoning: rendered.reasoning, grammar },
        { ...request, stop },
        signal,
        context,
      );
    } finally {
      leave();
    }
  };
}

/** What holds an answer to a schema; one for each answer, since it keeps count of what was written. */
async function grammarOf(
  { engine: { llama, library }, model }: LoadedModel,
  schema: JsonSchema | undefined,
): Promise<LlamaGrammarEvaluationState | undefined> {
  if (schema === undefined) return undefined;
  const grammar = await createJsonGrammar(llama, toGrammarSchema(schema, "responseSchema"));
  return new library.LlamaGrammarEvaluationState({ model, grammar });
}
