import type { ChatEvent, ChatRequest } from "../contract/capabilities/chat.ts";

/**
 * The events of an upstream that may pass over what it was asked: of several tool calls where one alone is wanted it hands on the first,
 * and it warns of likelihoods that were not told.
 */
export function heedRequest(
  events: AsyncIterable<ChatEvent>,
  request: Pick<ChatRequest, "parallelToolCalls" | "logprobs">,
  warn: (message: string) => void,
): AsyncIterable<ChatEvent> {
  const { parallelToolCalls, logprobs } = request;
  return parallelToolCalls === false || logprobs !== undefined
    ? heeded(events, request, warn)
    : events;
}

async function* heeded(
  events: AsyncIterable<ChatEvent>,
  { parallelToolCalls, logprobs }: Pick<ChatRequest, "parallelToolCalls" | "logprobs">,
  warn: (message: string) => void,
): AsyncGenerator<ChatEvent, void, undefined> {
  let calls = 0;
  let untold = false;
  let told = false;
  for await (const event of events) {
    if (event.type === "tool-call" && ++calls > 1 && parallelToolCalls === false) continue;
    if (event.type === "text-delta") {
      if (event.logprobs === undefined) untold = true;
      else told = true;
    }
    if (event.type === "finish") {
      if (calls > 1 && parallelToolCalls === false)
        warn(`parallelToolCalls: the model made ${calls} calls at once; only the first is told.`);
      if (logprobs !== undefined && untold && !told)
        warn("logprobs: the backend did not tell how likely the tokens are.");
    }
    yield event;
  }
}
