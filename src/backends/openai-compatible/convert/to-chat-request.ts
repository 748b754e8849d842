import type { ChatRequest, ReasoningEffort } from "../../../contract/capabilities/chat.ts";
import type { CompletionRequest } from "../../../contract/capabilities/completion.ts";
import type { Profile } from "../profiles/profile.ts";
import { toLogprobs } from "./to-logprobs.ts";
import { toMessages } from "./to-messages.ts";
import { toResponseFormat } from "./to-response-format.ts";

/** The body of a request: what the caller set, and nothing else. */
export type Body = Record<string, unknown>;

/** The key of `providerOptions` that is ours. */
const optionsKey = "openai-compatible";

/** These say what is asked, of which model and how it is answered: a request's own options can't change them. */
const ours = ["model", "messages", "prompt", "stream"];

/** A request for chat in OpenAI's words, as this server spells them. `warn` hears what could not be put into them. */
export function toChatRequest(
  request: ChatRequest,
  model: string,
  profile: Profile,
  warn: (message: string) => void,
): Body {
  const { messages, tools = [], toolChoice, parallelToolCalls, responseSchema } = request;
  const { reasoningEffort, logprobs } = request;
  return {
    model,
    messages: toMessages(messages, profile),
    ...generation(request, profile.maxTokens),
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
    ...(parallelToolCalls === undefined || tools.length === 0
      ? {}
      : { parallel_tool_calls: parallelToolCalls }),
    ...(reasoningEffort === undefined ? {} : toReasoningEffort(reasoningEffort, profile)),
    ...(logprobs === undefined ? {} : toLogprobs(logprobs, "chat", profile, warn)),
    ...(responseSchema === undefined ? {} : toResponseFormat(responseSchema, profile, warn)),
    ...streamed(profile),
    ...ownOptions(request, warn),
  };
}

/** A request for the continuation of a text in OpenAI's words. */
export function toCompletionRequest(
  request: CompletionRequest,
  model: string,
  profile: Profile,
  warn: (message: string) => void,
): Body {
  return {
    model,
    prompt: request.prompt,
    ...generation(request, "max_tokens"), // OpenAI's older API knows no other name
    ...(request.logprobs === undefined
      ? {}
      : toLogprobs(request.logprobs, "completion", profile, warn)),
    ...streamed(profile),
    ...ownOptions(request, warn),
  };
}

function generation(request: Omit<CompletionRequest, "prompt">, limit: Profile["maxTokens"]): Body {
  const { maxTokens, temperature, topP, stop, seed, topK } = request;
  const { frequencyPenalty, presencePenalty, logitBias } = request;
  return {
    ...(maxTokens === undefined ? {} : { [limit]: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(frequencyPenalty === undefined ? {} : { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presence_penalty: presencePenalty }),
    ...(logitBias === undefined ? {} : { logit_bias: logitBias }),
  };
}

/** Always streamed: who gives up then stops the work, and what was written until then is there. */
function streamed({ streamUsage }: Profile): Body {
  return { stream: true, ...(streamUsage ? { stream_options: { include_usage: true } } : {}) };
}

function ownOptions(
  { providerOptions = {} }: Pick<CompletionRequest, "providerOptions">,
  warn: (message: string) => void,
): Body {
  const others = Object.keys(providerOptions);
  if (others.length > 0 && !others.includes(optionsKey))
    warn(
      `providerOptions of ${others.join(", ")} are not for this backend: its own stand under ${optionsKey}.`,
    );
  const entries = Object.entries(providerOptions[optionsKey] ?? {}).filter(([key]) => {
    if (!ours.includes(key)) return true;
    warn(`providerOptions.${optionsKey}.${key} was left out: the request itself says it.`);
    return false;
  });
  return Object.fromEntries(entries);
}

/** Templates know the effort by one name, and whether to think at all by another. */
function toReasoningEffort(effort: ReasoningEffort, { reasoningEffort }: Profile): Body {
  return reasoningEffort === "reasoning_effort"
    ? { reasoning_effort: effort }
    : {
        chat_template_kwargs:
          effort === "none"
            ? { enable_thinking: false }
            : { enable_thinking: true, reasoning_effort: effort },
      };
}

function toToolChoice(choice: NonNullable<ChatRequest["toolChoice"]>): unknown {
  return typeof choice === "string"
    ? choice
    : { type: "function", function: { name: choice.toolName } };
}
