import type {
  ChatHistoryItem,
  ChatModelFunctions,
  ChatWrapper,
  LlamaModel,
  LlamaText,
} from "node-llama-cpp";
import { ModelyardError } from "../../../contract/errors.ts";
import type { LlamaLibrary } from "../library.ts";

/** How a model wants a conversation written, and how it marks the parts of its answer. */
export interface ChatTemplate {
  /**
   * Writes conversations without tools. The template in the model's own file where there is one that works, as llama.cpp's server does; so
   * prompts are the same, token for token.
   */
  readonly plain: ChatWrapper;
  /** Writes conversations with tools: the library's own, which knows how many kinds of model call them. */
  readonly tools: ChatWrapper;
  /** Whether answers have a structure that only the library's own loop can follow (the channels of gpt-oss). */
  readonly structured: boolean;
}

export interface RenderedChat {
  text: LlamaText;
  /** Texts that end the answer, beside the tokens that do. */
  stop: string[];
  reasoning?: { prefix?: string; suffix: string; open: boolean };
}

const trial: ChatHistoryItem[] = [
  { type: "user", text: "Hello" },
  { type: "model", response: [] },
];

/** Whether the template in a model's file has a place for tools; undefined where there is no template. */
export function hasPlaceForTools({ fileInfo }: Pick<LlamaModel, "fileInfo">): boolean | undefined {
  const template = fileInfo.metadata.tokenizer?.chat_template;
  // Templates are given the tools by this name.
  return typeof template === "string" ? /\btools\b/.test(template) : undefined;
}

/** Finds a model's template; a wrapper takes up to a second to make, so each model has its own once. */
export function createChatTemplate(
  { resolveChatWrapper }: LlamaLibrary,
  model: LlamaModel,
): ChatTemplate {
  const tools = resolveChatWrapper(model);
  const state = tools.generateContextState({ chatHistory: trial });
  const structured =
    state.prefixTriggers !== undefined ||
    state.noPrefixTrigger !== undefined ||
    state.rerender !== undefined;
  if (structured || model.fileInfo.metadata.tokenizer?.chat_template === undefined)
    return { plain: tools, tools, structured };
  try {
    const own = resolveChatWrapper(model, {
      type: "jinjaTemplate",
      fallbackToOtherWrappersOnJinjaError: false,
    });
    own.generateContextState({ chatHistory: trial });
    return { plain: own, tools, structured };
  } catch {
    // a template that can't be run is no reason to refuse the model: the library knows one for its family
    return { plain: tools, tools, structured };
  }
}

/**
 * A conversation as the text that the model continues.
 * @throws ModelyardError `invalid-request` where the model's template refuses the conversation.
 */
export function renderChat(
  wrapper: ChatWrapper,
  history: readonly ChatHistoryItem[],
  functions?: ChatModelFunctions,
): RenderedChat {
  let state;
  try {
    state = wrapper.generateContextState({
      chatHistory: history,
      ...(functions === undefined ? {} : { availableFunctions: functions }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelyardError(
      "invalid-request",
      `The model's template refuses this conversation: ${reason}`,
      {
        remedy: "Let the messages of user and assistant take turns, a system message first.",
        cause: error,
      },
    );
  }
  const text = state.contextText;
  const stop = state.stopGenerationTriggers.map(plainText).filter((each) => each.trim() !== "");
  const reasoning = reasoningOf(wrapper, text);
  return { text, stop, ...(reasoning === undefined ? {} : { reasoning }) };
}

function reasoningOf({ settings }: ChatWrapper, text: LlamaText): RenderedChat["reasoning"] {
  const thought = settings.segments?.thought;
  const suffix = plainText(thought?.suffix).trim();
  if (thought === undefined || suffix === "") return undefined;
  const { prefix } = thought;
  if (typeof prefix === "object" && "type" in prefix) return { suffix, open: true };
  const written = plainText(prefix).trim();
  return { prefix: written, suffix, open: plainText(text).trimEnd().endsWith(written) };
}

/** Text with its special tokens spelt out; one that is only known by its role (the end of a text) is a token that ends the answer anyway. */
function plainText(text: string | LlamaText | undefined): string {
  if (text === undefined || typeof text === "string") return text ?? "";
  const values = text.toJSON();
  if (typeof values === "string") return values;
  return values
    .map((value) => {
      if (typeof value === "string") return value;
      return value.type === "specialTokensText" ? value.value : "";
    })
    .join("");
}
