/** Pieces of a stream of Anthropic's Messages API, version 2023-06-01. */
export const messageStart = {
  type: "message_start",
  message: {
    id: "msg_01",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5-20250929",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 30,
      output_tokens: 1,
    },
  },
};

export function textBlock(index: number, ...deltas: string[]): object[] {
  return [
    { type: "content_block_start", index, content_block: { type: "text", text: "" } },
    { type: "ping" },
    ...deltas.map((text) => ({
      type: "content_block_delta",
      index,
      delta: { type: "text_delta", text },
    })),
    { type: "content_block_stop", index },
  ];
}

export function thinkingBlock(index: number, thinking: string): object[] {
  return [
    { type: "content_block_start", index, content_block: { type: "thinking", thinking: "" } },
    { type: "content_block_delta", index, delta: { type: "thinking_delta", thinking } },
    { type: "content_block_delta", index, delta: { type: "signature_delta", signature: "EqQB" } },
    { type: "content_block_stop", index },
  ];
}

export function toolBlock(index: number, id: string, name: string, ...json: string[]): object[] {
  return [
    {
      type: "content_block_start",
      index,
      content_block: { type: "tool_use", id, name, input: {} },
    },
    ...json.map((partial) => ({
      type: "content_block_delta",
      index,
      delta: { type: "input_json_delta", partial_json: partial },
    })),
    { type: "content_block_stop", index },
  ];
}

export function messageEnd(stopReason: string, outputTokens: number): object[] {
  return [
    {
      type: "message_delta",
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: outputTokens },
    },
    { type: "message_stop" },
  ];
}

export const overloaded = {
  type: "error",
  error: { type: "overloaded_error", message: "Overloaded" },
};

export function refusal(status: number, type: string, message: string, headers = {}) {
  return {
    status,
    headers,
    body: { type: "error", error: { type, message }, request_id: "req_1" },
  };
}
