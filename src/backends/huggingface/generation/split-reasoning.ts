import type { ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { CompletionEvent } from "../../../contract/capabilities/completion.ts";

const opening = "<think>";
const closing = "</think>";

/**
 * Parts what a model thinks aloud, between the marks that those in use share, from what it answers. `begun` where the prompt itself ends
 * within the thinking.
 */
export async function* splitReasoning(
  events: AsyncIterable<CompletionEvent>,
  begun: boolean,
): AsyncGenerator<ChatEvent> {
  let part: "unknown" | "reasoning" | "answer" = begun ? "reasoning" : "unknown";
  let held = "";
  /** The blanks around the marks belong to neither part. */
  let fresh = begun;

  function* say(text: string): Generator<ChatEvent> {
    const said = fresh ? text.trimStart() : text;
    if (said === "") return;
    fresh = false;
    yield { type: part === "reasoning" ? "reasoning-delta" : "text-delta", text: said };
  }

  for await (const event of events) {
    if (event.type === "finish") {
      yield* say(held);
      yield event;
      return;
    }
    held += event.text;
    if (part === "unknown") {
      const start = held.trimStart();
      if (start.length < opening.length && opening.startsWith(start)) continue;
      part = start.startsWith(opening) ? "reasoning" : "answer";
      if (part === "reasoning") {
        held = start.slice(opening.length);
        fresh = true;
      }
    }
    if (part === "reasoning") {
      const end = held.indexOf(closing);
      // Until it is whole, the end of the text may be the mark's beginning.
      const certain = end < 0 ? held.length - closing.length + 1 : end;
      if (certain > 0) yield* say(end < 0 ? held.slice(0, certain) : held.slice(0, end).trimEnd());
      held = held.slice(Math.max(0, certain));
      if (end < 0) continue;
      part = "answer";
      fresh = true;
      held = held.slice(closing.length);
    }
    yield* say(held);
    held = "";
  }
}

/** Whether a prompt ends within the thinking. */
export function endsInReasoning(prompt: string): boolean {
  return prompt.trimEnd().endsWith(opening);
}
