import { abortError, orAborted } from "./abort.ts";
import type { Interest, Progress } from "./progress.ts";

type Work<Result> = (interest: Interest) => Promise<Result>;

/** Work that several may wait for: done once, told to all, stopped when the last one has left. */
export interface SharedWorks<Result> {
  /** Joins the work of this name, or starts it. */
  join(name: string, interest: Interest, work: Work<Result>): Promise<Result>;
}

interface SharedWork<Result> {
  /** Settles when the work has ended, however; never rejects. */
  readonly over: Promise<unknown>;
  /** Everybody has left: it is being stopped, and no good to anyone who comes now. */
  readonly abandoned: boolean;
  join(interest: Interest): Promise<Result>;
}

export function createSharedWorks<Result = void>(): SharedWorks<Result> {
  const underWay = new Map<string, SharedWork<Result>>();

  return {
    async join(name, interest, work) {
      for (;;) {
        if (interest.signal.aborted) throw abortError(interest.signal);
        const found = underWay.get(name);
        if (found !== undefined && !found.abandoned) return found.join(interest);
        if (found === undefined) {
          const started = start(work, () => underWay.delete(name));
          underWay.set(name, started);
          return started.join(interest);
        }
        await orAborted(found.over, interest.signal);
      }
    },
  };
}

function start<Result>(work: Work<Result>, onOver: () => void): SharedWork<Result> {
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = new Set<Interest["progress"]>();
  let latest: Progress | undefined;
  const promise = work({
    signal,
    progress(event) {
      latest = event;
      for (const tell of waiting) tell(event);
    },
  }).finally(onOver);
  const over = promise.catch(() => {}); // each of those who wait hears of it by `join`

  return {
    over,
    get abandoned() {
      return signal.aborted;
    },
    async join(interest) {
      // An entry of its own: one caller may wait twice.
      const entry: Interest["progress"] = (event) => interest.progress(event);
      waiting.add(entry);
      if (latest !== undefined) interest.progress(latest);
      try {
        return await orAborted(promise, interest.signal);
      } finally {
        waiting.delete(entry);
        if (waiting.size === 0 && interest.signal.aborted)
          controller.abort(abortError(interest.signal));
      }
    },
  };
}
