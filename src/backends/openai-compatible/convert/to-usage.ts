import type { Usage } from "../../../contract/usage.ts";
import { count, field } from "./fields.ts";

/** What an answer cost, from the words of OpenAI, of DeepSeek's cache and of the Decisions API. A figure that is not told is left out. */
export function toUsage(raw: unknown): Usage {
  if (typeof raw !== "object" || raw === null) return {};
  const inputTokens = count(field(raw, "prompt_tokens")) ?? count(field(raw, "input_tokens"));
  const outputTokens = count(field(raw, "completion_tokens")) ?? count(field(raw, "output_tokens"));
  const cachedInputTokens =
    count(field(field(raw, "prompt_tokens_details"), "cached_tokens")) ??
    count(field(field(raw, "input_tokens_details"), "cached_tokens")) ??
    count(field(raw, "prompt_cache_hit_tokens"));
  const reasoningTokens =
    count(field(field(raw, "completion_tokens_details"), "reasoning_tokens")) ??
    count(field(raw, "reasoning_tokens"));
  const usage: Usage = { raw };
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  if (cachedInputTokens !== undefined) usage.cachedInputTokens = cachedInputTokens;
  if (reasoningTokens !== undefined) usage.reasoningTokens = reasoningTokens;
  return usage;
}
