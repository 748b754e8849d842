import type { ChatHistoryItem, Token } from "node-llama-cpp";
import type { CallContext } from "../../../contract/backend.ts";
import type { ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { GenerationRequest } from "../../../contract/capabilities/generation.ts";
import { answer, type AnswerEvent } from "../generation/answer.ts";
import { newToolCallId } from "./answer-with-tools.ts";
import { renderChat } from "./chat-template.ts";
import { createJsonGrammar } from "./json-schema.ts";
import type { LoadedModel } from "../model.ts";
import { tokenizeText } from "../generation/tokenize-text.ts";
import { toFunctions, type ToolFunction } from "./tools.ts";

/**
 * Answers with one call, whatever the model would rather say: the beginning of a call is put into its mouth, and a grammar holds it to a name
 * and to arguments that the tool takes.
 */
export async function* forcedCall(
  loaded: LoadedModel,
  history: ChatHistoryItem[],
  tools: readonly ToolFunction[],
  request: GenerationRequest,
  signal: AbortSignal,
  context: CallContext,
): AsyncGenerator<ChatEvent, void> {
  const { model, engine } = loaded;
  const { library, llama } = engine;
  const wrapper = loaded.template().tools;
  const { call } = wrapper.settings.functions;
  const opened = library.LlamaText([
    renderChat(wrapper, history, toFunctions(tools)).text,
    call.prefix,
  ]);
  const tokensOf = (text: InstanceType<typeof library.LlamaText>) =>
    tokenizeText(library, model, text);

  async function say(
    tokens: readonly Token[],
    grammarText: string | undefined,
    schema?: ToolFunction["params"],
  ) {
    const grammar =
      schema === undefined
        ? await llama.createGrammar({ grammar: grammarText ?? "" })
        : await createJsonGrammar(llama, schema);
    const state = new library.LlamaGrammarEvaluationState({ model, grammar });
    let text = "";
    let finish: Extract<AnswerEvent, { type: "finish" }> | undefined;
    for await (const event of answer(
      loaded,
      { tokens, grammar: state },
      { ...request, stop: [], logprobs: undefined },
      signal,
      context,
    )) {
      if (event.type === "finish") finish = event;
      else text += event.text;
    }
    return { text, finish };
  }

  const names = tools.map(({ name }) => name);
  const naming =
    names.length === 1
      ? undefined
      : await say(
          tokensOf(opened),
          `root ::= ${names.map((name) => JSON.stringify(name)).join(" | ")}`,
        );
  const tool = tools.find(({ name }) => name === (naming?.text ?? names[0]));
  const begun = library.LlamaText([opened, tool?.name ?? "", call.paramsPrefix]);
  const said =
    tool?.params === undefined ? undefined : await say(tokensOf(begun), undefined, tool.params);
  const cut =
    [naming, said].some((each) => each?.finish?.reason === "length") || tool === undefined;
  if (!cut) {
    const input: unknown = said === undefined ? {} : JSON.parse(said.text);
    yield { type: "tool-call", toolCallId: newToolCallId(), toolName: tool.name, input };
  }
  const usages = [naming, said].flatMap((each) => each?.finish?.usage ?? []);
  yield {
    type: "finish",
    reason: cut ? "length" : "tool-calls",
    rawReason: cut ? "max-tokens" : "forced-call",
    usage: {
      inputTokens: usages[0]?.inputTokens ?? tokensOf(begun).length,
      outputTokens: usages.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0),
      ...(usages[0]?.cachedInputTokens === undefined
        ? {}
        : { cachedInputTokens: usages[0].cachedInputTokens }),
    },
  };
}
