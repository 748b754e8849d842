import type { ChatMessage, ChatRequest } from "../../contract/capabilities/chat.ts";
import { textOf } from "../../contract/capabilities/chat.ts";
import type { FinishReason } from "../../contract/capabilities/generation.ts";
import type { Usage } from "../../contract/usage.ts";
import type {
  LanguageModelOptions,
  PromptMessage,
  ProviderFinishReason,
  ProviderOptions,
  ProviderUsage,
} from "./api.ts";

/** A request of ours as the options of a call, without its signal. `specification` is the model's: `v3` writes files otherwise. */
export function toCallOptions(request: ChatRequest, specification: string): LanguageModelOptions {
  const { maxTokens, temperature, topP, stop, seed, tools = [], toolChoice } = request;
  const { topK, frequencyPenalty, presencePenalty, reasoningEffort } = request;
  const providerOptions = request.providerOptions?.["ai-sdk"];
  return {
    prompt: request.messages.map((message) => toPromptMessage(message, specification)),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop === undefined ? {} : { stopSequences: stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(topK === undefined ? {} : { topK }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(reasoningEffort === undefined || specification === "v3"
      ? {}
      : { reasoning: reasoningEffort }),
    ...(request.responseSchema === undefined
      ? {}
      : { responseFormat: { type: "json", schema: asJson(request.responseSchema) } }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: "function",
            name,
            ...(description === undefined ? {} : { description }),
            inputSchema: asJson(inputSchema),
          })),
        }),
    ...(toolChoice === undefined ? {} : { toolChoice: toToolChoice(toolChoice) }),
    ...(providerOptions === undefined
      ? {}
      : { providerOptions: providerOptions as ProviderOptions }),
  };
}

/** It came as JSON: the SDK's types want that said. */
function asJson(value: Record<string, unknown>): Record<string, never> {
  return value as Record<string, never>;
}

function toToolChoice(
  choice: NonNullable<ChatRequest["toolChoice"]>,
): NonNullable<LanguageModelOptions["toolChoice"]> {
  if (typeof choice === "object") return { type: "tool", toolName: choice.toolName };
  return { type: choice };
}

function toPromptMessage(message: ChatMessage, specification: string): PromptMessage {
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message) };
    case "user":
      return {
        role: "user",
        content: message.content.map((part) =>
          part.type === "text"
            ? part
            : { type: "file", mediaType: part.mediaType, data: toData(part.data, specification) },
        ),
      };
    case "assistant":
      return { role: "assistant", content: message.content.map((part) => ({ ...part })) };
    case "tool":
      return {
        role: "tool",
        content: message.content.map(({ toolCallId, toolName, output, isError }) => ({
          type: "tool-result",
          toolCallId,
          toolName,
          output: { type: isError === true ? "error-text" : "text", value: output },
        })),
      };
  }
}

function toData(base64: string, specification: string): { type: "data"; data: string } {
  // The types are V4's.
  return specification === "v3"
    ? (base64 as unknown as { type: "data"; data: string })
    : { type: "data", data: base64 };
}

/** What an answer cost. */
export function toUsage({ inputTokens, outputTokens, raw }: ProviderUsage): Usage {
  return {
    ...counted("inputTokens", inputTokens.total),
    ...counted("outputTokens", outputTokens.total),
    // Providers say 0 where their upstream says nothing: a part that is 0 may be unknown.
    ...counted("cachedInputTokens", inputTokens.cacheRead || undefined),
    ...counted("reasoningTokens", outputTokens.reasoning || undefined),
    ...(raw === undefined || raw === null ? {} : { raw }),
  };
}

function counted<Name extends string>(name: Name, value: number | undefined | null) {
  const known = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return known ? ({ [name]: value } as Record<Name, number>) : {};
}

/**
 * Why an answer ended; undefined where it did not end well: `error`, `interrupted`, and `other` without a word of the upstream's, which
 * is what providers of V3 give for an answer that was cut.
 */
export function toFinishReason(
  { unified, raw }: ProviderFinishReason,
  hasToolCalls: boolean,
): FinishReason | undefined {
  if (unified === "error" || unified === "interrupted") return undefined;
  if (unified === "other" && raw === undefined) return undefined;
  return unified === "stop" && hasToolCalls ? "tool-calls" : unified;
}
