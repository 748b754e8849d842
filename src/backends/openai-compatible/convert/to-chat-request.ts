import type { ChatRequest, ReasoningEffort } from "../../../contract/capabilities/chat.ts";
import type { CompletionRequest } from "../../../contract/capabilities/completion.ts";
import type { Profile } from "../profiles/profile.ts";
import { toLogprobs } from "./to-logprobs.ts";
import { toMessages } from "./to-messages.ts";
import { toResponseFormat } from "./to-response-format.ts";

/** The body of a request: what the caller set, and nothing else. What is undefined is not sent. */
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
    // First: what is spread later is copied field by field.
    ...generation(request, profile.maxTokens),
    ...streamed(profile),
    model,
    messages: toMessages(messages, profile),
    tools: tools.length === 0 ? undefined : tools.map(toTool),
    tool_choice: toolChoice === undefined ? undefined : toToolChoice(toolChoice),
    parallel_tool_calls: tools.length === 0 ? undefined : parallelToolCalls,
    ...(reasoningEffort === undefined ? undefined : toReasoningEffort(reasoningEffort, profile)),
    ...(logprobs === undefined ? undefined : toLogprobs(logprobs, "chat", profile, warn)),
    ...(responseSchema === undefined ? undefined : toResponseFormat(responseSchema, profile, warn)),
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
    max_tokens: limit === "max_tokens" ? maxTokens : undefined,
    max_completion_tokens: limit === "max_completion_tokens" ? maxTokens : undefined,
    temperature,
    top_p: topP,
    stop,
    seed,
    top_k: topK,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    logit_bias: logitBias,
  };
}

/** Always streamed: who gives up then stops the work, and what was written until then is there. */
function streamed({ streamUsage }: Profile): Body {
  return { stream: true, stream_options: streamUsage ? { include_usage: true } : undefined };
}

function ownOptions(
  { providerOptions }: Pick<CompletionRequest, "providerOptions">,
  warn: (message: string) => void,
): Body | undefined {
  if (providerOptions === undefined) return undefined;
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

function toTool({
  name,
  description,
  inputSchema,
}: NonNullable<ChatRequest["tools"]>[number]): object {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function toToolChoice(choice: NonNullable<ChatRequest["toolChoice"]>): unknown {
  return typeof choice === "string"
    ? choice
    : { type: "function", function: { name: choice.toolName } };
}
