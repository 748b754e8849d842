import type { LlamaGrammarEvaluationState } from "node-llama-cpp";
import type { Handler } from "../../contract/backend.ts";
import { textOf, type ChatMessage, type ChatRequest } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import type { JsonSchema } from "../../contract/schema.ts";
import { heedRequest } from "../heed-request.ts";
import { answerWithTools } from "./conversation/answer-with-tools.ts";
import { answer } from "./generation/answer.ts";
import { hasPlaceForTools, renderChat } from "./conversation/chat-template.ts";
import { toChatHistory } from "./conversation/convert.ts";
import { forcedCall } from "./conversation/forced-call.ts";
import { createJsonGrammar, toGrammarSchema } from "./conversation/json-schema.ts";
import { refuseEncoder, type LoadedModel } from "./model.ts";
import { tokenizeText } from "./generation/tokenize-text.ts";
import { mustCall, toolsOf } from "./conversation/tools.ts";
import { refuseHugeText } from "./generation/window.ts";

/** Chat on the models of one backend. */
export function chatHandler(models: LoadedModels<LoadedModel>): Handler<"chat"> {
  return async function* chat(request, context) {
    const history = toChatHistory(request.messages);
    const tools = toolsOf(request);
    refuseSchemaWithTools(request, tools.length);
    const { model: loaded, signal, leave } = await models.enter(context.model, context);
    try {
      refuseEncoder(loaded);
      if (request.reasoningEffort !== undefined)
        context.warn("reasoningEffort: a model here thinks as its chat template has it.");
      const length = request.messages.reduce((sum, message) => sum + lengthOf(message), 0);
      refuseHugeText(loaded.name, length, loaded.windowTokens);
      const template = loaded.template();
      if (tools.length > 0 && mustCall(request)) {
        yield* forcedCall(loaded, history, tools, request, signal, context);
        return;
      }
      if (tools.length > 0 && hasPlaceForTools(loaded.model) === false)
        context.warn(
          `The chat template of ${loaded.name} has no place for tools: it may not call them.`,
        );
      const usesTools = tools.length > 0 || request.messages.some(({ role }) => role === "tool");
      if ((usesTools || template.structured) && request.responseSchema === undefined) {
        const events = answerWithTools(loaded, history, tools, request, signal, context);
        yield* heedRequest(events, request, context.warn);
        return;
      }
      const rendered = renderChat(usesTools ? template.tools : template.plain, history);
      const tokens = tokenizeText(loaded.engine.library, loaded.model, rendered.text);
      const grammar = await grammarOf(loaded, request.responseSchema);
      const stop = [...(request.stop ?? []), ...rendered.stop];
      const prompt = { tokens, reasoning: rendered.reasoning, grammar };
      yield* answer(loaded, prompt, { ...request, stop }, signal, context);
    } finally {
      leave();
    }
  };
}

function refuseSchemaWithTools({ responseSchema }: ChatRequest, tools: number): void {
  if (responseSchema === undefined || tools === 0) return;
  throw new ModelyardError(
    "invalid-request",
    "llama-cpp can't offer tools and hold the answer to a schema at once.",
    {
      remedy: 'Leave out either tools or responseSchema, or set toolChoice to "none".',
    },
  );
}

/** How much of a message the model is to read, in characters. */
function lengthOf(message: ChatMessage): number {
  if (message.role !== "tool") return textOf(message).length;
  return message.content.reduce((sum, { output }) => sum + output.length, 0);
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
