import { createStopScanner } from "../../generation/stop-scanner.ts";

/** The same events without the stop text at their end: Text Generation Inference leaves it standing. */
export async function* withoutStopTexts<Event extends { type: string; text?: string }>(
  events: AsyncIterable<Event>,
  stops: readonly string[] | undefined,
): AsyncGenerator<Event, void, undefined> {
  if (stops === undefined || stops.length === 0) return yield* events;
  const scanner = createStopScanner(stops);
  let stopped = false;
  for await (const event of events) {
    if (event.type === "text-delta") {
      if (stopped) continue;
      const certain = scanner.feed(event.text ?? "");
      stopped = certain.stopped;
      if (certain.text !== "") yield { ...event, text: certain.text };
      continue;
    }
    const held = event.type === "finish" && !stopped ? scanner.flush() : "";
    if (held !== "") yield { type: "text-delta", text: held } as Event;
    yield event;
  }
}
