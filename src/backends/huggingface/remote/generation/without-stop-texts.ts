import { createStopScanner } from "../../generation/stop-scanner.ts";

/** The same events without the stop text at their end: Text Generation Inference leaves it standing. What is told of tokens waits for their text. */
export async function* withoutStopTexts<
  Event extends { type: string; text?: string; logprobs?: readonly unknown[] | undefined },
>(
  events: AsyncIterable<Event>,
  stops: readonly string[] | undefined,
): AsyncGenerator<Event, void, undefined> {
  if (stops === undefined || stops.length === 0) return yield* events;
  const scanner = createStopScanner(stops);
  let stopped = false;
  let logprobs: unknown[] = [];

  const told = () => {
    const own = logprobs;
    logprobs = [];
    return own.length === 0 ? {} : { logprobs: own };
  };

  for await (const event of events) {
    if (event.type === "text-delta") {
      if (stopped) continue;
      logprobs.push(...(event.logprobs ?? []));
      const certain = scanner.feed(event.text ?? "");
      stopped = certain.stopped;
      if (certain.text !== "") yield { ...event, text: certain.text, ...told() };
      continue;
    }
    const held = event.type === "finish" && !stopped ? scanner.flush() : "";
    if (held !== "") yield { type: "text-delta", text: held, ...told() } as unknown as Event;
    yield event;
  }
}
