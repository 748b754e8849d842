import { abortError } from "./abort.ts";
import { ModelyardError } from "./errors.ts";
import {
  type JsonLinesChild,
  type JsonLinesCommand,
  startJsonLinesChild,
} from "./json-lines-child.ts";

/** A child process that answers requests, started by the first one and again by the first after it has died. */
export interface JsonLinesProcess {
  /** Of the one that runs now. */
  readonly pid: number | undefined;
  /**
   * Sends a request and gives its events as they come. Who stops reading, or aborts, cancels it.
   * @throws ModelyardError what the child answers; `backend-error` where it dies, with its last lines of standard error;
   * `backend-unavailable` where it can't be started; the signal's reason.
   */
  request(
    message: object,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Record<string, unknown>, void>;
  /** Ends the child: by closing its standard input, and by force after two seconds. */
  close(): Promise<void>;
}

export interface JsonLinesProcessOptions extends JsonLinesCommand {
  /** The child is gone, and what it held with it. Called after the requests under way have heard of it. */
  onGone?(): void;
}

const stopMs = 2_000;

/**
 * Makes an engine out of any program that speaks JSON lines: it reads `{"type":"request","id":1,"request":{…}}` and `{"type":"cancel","id":1}`
 * from standard input, and writes `{"type":"event","id":1,"event":{…}}`, at last `{"type":"end","id":1}` or
 * `{"type":"error","id":1,"error":{"message":…}}`, to standard output. It ends when its standard input does.
 */
export function createJsonLinesProcess(options: JsonLinesProcessOptions): JsonLinesProcess {
  let child: JsonLinesChild | undefined;
  let closing: Promise<void> | undefined;

  function current(): JsonLinesChild {
    if (closing !== undefined) {
      throw new ModelyardError("cancelled", `${options.name} is shutting down.`);
    }
    child ??= startJsonLinesChild(options, {
      onExit: () => (child = undefined),
      onGone: () => options.onGone?.(),
    });
    return child;
  }

  return {
    get pid() {
      return child?.pid;
    },

    async *request(message, { signal }) {
      if (signal.aborted) throw abortError(signal);
      const asked = current();
      const events: Record<string, unknown>[] = [];
      let outcome = "open" as "open" | "ended" | { readonly error: ModelyardError };
      let wake: (() => void) | undefined;
      const id = asked.open(message, {
        event(event) {
          events.push(event);
          wake?.();
        },
        end() {
          outcome = "ended";
          wake?.();
        },
        failed(error) {
          outcome = { error };
          wake?.();
        },
      });
      // At once, also while the reader is busy elsewhere.
      const cancel = () => {
        asked.cancel(id);
        wake?.();
      };
      signal.addEventListener("abort", cancel, { once: true });
      try {
        for (;;) {
          // Why it failed says more than that nobody waits any more.
          if (signal.aborted && typeof outcome === "string") throw abortError(signal);
          const event = events.shift();
          if (event !== undefined) yield event;
          else if (outcome === "open") await new Promise<void>((resolve) => (wake = resolve));
          else if (outcome === "ended") return;
          else throw outcome.error;
        }
      } finally {
        signal.removeEventListener("abort", cancel);
        cancel();
      }
    },

    close() {
      return (closing ??= child?.stop(stopMs) ?? Promise.resolve());
    },
  };
}
