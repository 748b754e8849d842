import type { FinishReason } from "../../../contract/capabilities/generation.ts";

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  // OpenAI has no word for these. An answer that may have been cut is not to be taken as whole.
  timeout: "length",
  other: "length",
};

const explanations: Partial<Record<FinishReason, string>> = {
  timeout: "The deadline passed in mid-answer: this is the text that was there.",
  other: "The answer ended for a reason that has no name here, and may not be whole.",
};

/** Why an answer ended in OpenAI's words, and what they can't say. */
export function toFinishReason(reason: FinishReason): { word: string; warnings: string[] } {
  const explanation = explanations[reason];
  return { word: reasons[reason], warnings: explanation === undefined ? [] : [explanation] };
}
