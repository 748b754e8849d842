import type { ChatRequest } from "../../../contract/capabilities/chat.ts";
import type { CompletionRequest } from "../../../contract/capabilities/completion.ts";
import type { Profile } from "../profiles/profile.ts";
import { toMessages } from "./to-messages.ts";
import { toResponseFormat } from "./to-response-format.ts";

/** The body of a request: what the caller set, and nothing else. */
export type Body = Record<string, unknown>;

/** The key of `providerOptions` that is ours. */
export const optionsKey = "openai-compatible";

/** A request for chat in OpenAI's words, as this server spells them. `warn` hears what could not be put into them. */
export function toChatRequest(
  request: ChatRequest,
  model: string,
  profile: Profile,
  warn: (message: string) => void,
): Body {
  const { messages, tools = [], toolChoice, responseSchema } = request;
  return {
    model,
    messages: toMessages(messages, profile),
    ...generation(request, profile),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: "function",
            function: {
              name,
              ...(description === undefined ? {} : { description }),
              parameters: inputSchema,
            },
          })),
        }),
    ...(toolChoice === undefined ? {} : { tool_choice: toToolChoice(toolChoice) }),
    ...(responseSchema === undefined ? {} : toResponseFormat(responseSchema, profile, warn)),
    ...streamed(profile),
    ...request.providerOptions?.[optionsKey],
  };
}

/** A request for the continuation of a text in OpenAI's words. */
export function toCompletionRequest(
  request: CompletionRequest,
  model: string,
  profile: Profile,
): Body {
  return {
    model,
    prompt: request.prompt,
    ...generation(request, profile),
    // OpenAI's older API knows no other name
    ...(request.maxTokens === undefined
      ? {}
      : { max_tokens: request.maxTokens, max_completion_tokens: undefined }),
    ...streamed(profile),
    ...request.providerOptions?.[optionsKey],
  };
}

function generation(
  { maxTokens, temperature, topP, stop, seed }: Omit<CompletionRequest, "prompt">,
  profile: Profile,
): Body {
  return {
    ...(maxTokens === undefined ? {} : { [profile.maxTokens]: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Always streamed: who gives up then stops the work, and what was written until then is there. */
function streamed({ streamUsage }: Profile): Body {
  return { stream: true, ...(streamUsage ? { stream_options: { include_usage: true } } : {}) };
}

function toToolChoice(choice: NonNullable<ChatRequest["toolChoice"]>): unknown {
  return typeof choice === "string"
    ? choice
    : { type: "function", function: { name: choice.toolName } };
}
