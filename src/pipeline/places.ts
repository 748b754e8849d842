import { abortError } from "../contract/abort.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Call, Release } from "./call.ts";

/** A backend's places: so many calls work at once, so many more wait their turn. */
export interface Places {
  readonly maxConcurrent: number;
  readonly running: number;
  readonly waiting: number;
  /**
   * Gives a place, to be released when the work has ended. Callers take turns: who has many calls waiting does not keep another's
   * first one waiting behind them all. Who waits is told their place in the queue, and may leave.
   * @throws `overloaded` where too many wait already, and the reason of an abort
   */
  enter(call: Call): Release | Promise<Release>;
}

export interface PlacesOptions {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
}

interface Waiter {
  readonly call: Call;
  /** Those of a lower turn come first, then those who came first. */
  readonly turn: number;
  admit(): void;
}

/** How much the latest call counts in the guess of how long a place is held. */
const weightOfLatest = 0.2;
const shortestRetryAfterMs = 1_000;

export function createPlaces({ name, maxConcurrent, maxQueue }: PlacesOptions): Places {
  let running = 0;
  /** How long a place is held, lately. */
  let heldMs: number | undefined;
  const queue: Waiter[] = [];

  function take(): Release {
    const takenAt = performance.now();
    running += 1;
    return () => {
      running -= 1;
      const latestMs = performance.now() - takenAt;
      heldMs = (heldMs ?? latestMs) + weightOfLatest * (latestMs - (heldMs ?? latestMs));
      if (queue.length === 0) return;
      queue.shift()?.admit();
      tellPlaces();
    };
  }

  function tellPlaces(): void {
    queue.forEach(({ call }, index) => call.progress({ phase: "queue", position: index + 1 }));
  }

  function overloaded(call: Call): ModelyardError {
    return new ModelyardError(
      "overloaded",
      `${name} is busy with ${running} ${running === 1 ? "call" : "calls"}, and ${maxQueue} wait already.`,
      {
        ...call.target,
        retryAfterMs: Math.max(
          shortestRetryAfterMs,
          Math.ceil(((queue.length + 1) / maxConcurrent) * (heldMs ?? 0)),
        ),
        details: { limit: "queue" },
        remedy: "Try again later, or raise maxConcurrent or maxQueue of this backend.",
      },
    );
  }

  /** One turn after the same caller's last one; the current turn for who has none waiting. */
  function turnOf({ caller }: Call): number {
    const current = queue[0]?.turn ?? 0;
    const own = queue.findLast((each) => each.call.caller === caller);
    return own === undefined ? current : own.turn + 1;
  }

  function wait(call: Call): Promise<Release> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.splice(queue.indexOf(waiter), 1);
        tellPlaces();
        reject(abortError(call.signal));
      };
      const waiter: Waiter = {
        call,
        turn: turnOf(call),
        admit() {
          call.signal.removeEventListener("abort", leave);
          resolve(take());
        },
      };
      call.signal.addEventListener("abort", leave, { once: true });
      const later = queue.findIndex(({ turn }) => turn > waiter.turn);
      const at = later === -1 ? queue.length : later;
      queue.splice(at, 0, waiter);
      if (later === -1) call.progress({ phase: "queue", position: at + 1 });
      else tellPlaces();
    });
  }

  return {
    maxConcurrent,
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
    enter(call) {
      if (running < maxConcurrent) return take();
      if (queue.length >= maxQueue) throw overloaded(call);
      return wait(call);
    },
  };
}
