import { createParser, type EventSourceMessage } from "eventsource-parser";
import { Batches, type BatchSource } from "../batches.ts";
import { ModelyardError } from "../errors.ts";
import { chunksOf } from "./chunks-of.ts";
import { HttpResponse } from "./http-response.ts";

/** One event of a server-sent stream. */
export interface ServerSentEvent {
  readonly event?: string | undefined;
  readonly data: string;
  /** The stream ended in the midst of it: it may be cut. */
  readonly unended?: true;
}

export interface ReadEventsOptions {
  /** The longest event taken, in characters. */
  readonly maxLength?: number;
  /** Whether nothing of interest comes after this event: what the server still sends is read in passing, so that the connection can be used again. */
  readonly isLast?: (event: ServerSentEvent) => boolean;
  /** Hears what comes before the first event ends: the body may be no stream at all, whatever its type says. */
  readonly onBeginning?: (text: string) => void;
}

/** How long a server may take to end its stream after the last event, in milliseconds. */
const drainMs = 1_000;

/**
 * The events of a `text/event-stream` (WHATWG HTML, section 9.2): comments are skipped, any line ends are taken, and UTF-8 may be
 * split anywhere.
 * @throws `invalid-response` for an event longer than `maxLength`, by default 16 Mi characters
 */
export async function* readEvents(
  response: Response,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  yield* new Batches(createEventSource(response, options));
}

/** The same, as they come: all that one piece of the body holds at once. */
export function createEventSource(
  response: Response,
  { maxLength = 16 * 1024 * 1024, isLast = () => false, onBeginning }: ReadEventsOptions = {},
): BatchSource<ServerSentEvent> {
  let ready: EventSourceMessage[] = [];
  let problem: ModelyardError | undefined;
  const parser = createParser({
    maxBufferSize: maxLength,
    onEvent: (event) => ready.push(event),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") problem = tooLong(maxLength);
    },
  });
  const decoder = new TextDecoder();
  const chunks = chunksOf(response)[Symbol.asyncIterator]();
  let left = true;
  let begun = false;

  return {
    async read(to) {
      const { done, value } = await chunks.next();
      if (done === true) left = false;
      const text = done === true ? decoder.decode() : decoder.decode(value, { stream: true });
      if (!begun) onBeginning?.(text);
      parser.feed(done === true ? `${text}\n\n` : text);
      begun ||= ready.length > 0;
      const events = ready;
      ready = [];
      for (const { event, data } of events) {
        to.push(done === true ? { event, data, unended: true } : { event, data });
        if (!isLast({ event, data })) continue;
        if (left) void drain(response, chunks);
        left = false;
        return false;
      }
      if (problem !== undefined) throw problem;
      return left;
    },
    async stop() {
      if (left) await chunks.return?.();
      left = false;
    },
  };
}

async function drain(response: Response, chunks: AsyncIterator<Uint8Array>): Promise<void> {
  const late = setTimeout(() => response instanceof HttpResponse && response.destroy(), drainMs);
  try {
    while ((await chunks.next()).done !== true);
  } catch {
    // The answer was whole: what breaks now breaks nothing.
  } finally {
    clearTimeout(late);
  }
}

function tooLong(maxLength: number): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `An event of the answer is longer than ${maxLength} characters.`,
  );
}
