import type { FinishReason } from "../../../contract/capabilities/generation.ts";

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  eos_token: "stop",
  stop_sequence: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  safety: "content-filter",
  refusal: "content-filter",
};

/** Why an answer ended. Some servers say `stop`, or nothing, although the model calls tools. */
export function toFinishReason(raw: string | undefined, callsTools: boolean): FinishReason {
  const reason = raw === undefined ? "stop" : (reasons[raw] ?? "other");
  return callsTools && reason === "stop" ? "tool-calls" : reason;
}
