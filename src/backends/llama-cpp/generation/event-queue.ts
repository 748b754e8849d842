/** Turns what callbacks say into something to iterate over. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  push(event: Event): void;
  /** Ends the iteration, once all that was pushed has been read; with an error where one is given. */
  end(error?: unknown): void;
}

/** Makes a queue for one reader. */
export function createEventQueue<Event>(): EventQueue<Event> {
  const events: Event[] = [];
  let ended: { error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  return {
    push(event) {
      events.push(event);
      wake?.();
    },
    end(...reason) {
      ended = reason.length === 0 ? {} : { error: reason[0] };
      wake?.();
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        const event = events.shift();
        if (event !== undefined) yield event;
        else if (ended === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if ("error" in ended) throw ended.error;
        else return;
      }
    },
  };
}
