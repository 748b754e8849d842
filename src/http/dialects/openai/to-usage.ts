import type { Usage } from "../../../contract/usage.ts";

/** What an answer cost, in OpenAI's words; undefined where one of the figures is not known that its clients hold for numbers, and add up. */
export function toUsage(usage: Usage): Record<string, unknown> | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details:
      cachedInputTokens === undefined ? undefined : { cached_tokens: cachedInputTokens },
    completion_tokens_details:
      reasoningTokens === undefined ? undefined : { reasoning_tokens: reasoningTokens },
  };
}
