import type { RecordedResponse } from "../../../../test/peers/recorded-response.ts";

/** A stream of server-sent events, a write each; with their names, as Anthropic sends them, where they have a `type`. */
export function serverSent(
  events: readonly (object | "[DONE]")[],
  rest: Partial<RecordedResponse> = {},
): RecordedResponse {
  return {
    status: 200,
    contentType: "text/event-stream",
    chunks: events.map((event) => [0, toText(event)] as const),
    ...rest,
  };
}

function toText(event: object | "[DONE]"): string {
  if (event === "[DONE]") return "data: [DONE]\n\n";
  const name = "type" in event ? `event: ${String(event.type)}\n` : "";
  return `${name}data: ${JSON.stringify(event)}\n\n`;
}
