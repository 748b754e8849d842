import type { LoadContext } from "../contract/backend.ts";
import type { Progress } from "../contract/progress.ts";

/** Somebody who waits, and may give up: what a call and a load have in common. */
export type Interest = LoadContext;

/** Work that is done once for all who want it at the same time. */
export interface SharedStart<T> {
  /** Joins the work under way, or begins it. @throws what the work throws, or the reason of the interest's own signal. */
  join(interest: Interest): Promise<T>;
}

/** All who wait hear its progress; it is aborted when the last of them has given up. */
export function sharedStart<T>(work: (interest: Interest) => Promise<T>): SharedStart<T> {
  let current:
    | { waiting: Set<Interest>; controller: AbortController; result: Promise<T> }
    | undefined;

  function begin() {
    const waiting = new Set<Interest>();
    const controller = new AbortController();
    const progress = (event: Progress) => {
      for (const interest of waiting) interest.progress(event);
    };
    const result = work({ signal: controller.signal, progress });
    const started = { waiting, controller, result };
    const forget = () => {
      if (current === started) current = undefined;
    };
    result.then(forget, forget);
    return started;
  }

  return {
    async join(interest) {
      interest.signal.throwIfAborted();
      current ??= begin();
      const joined = current;
      // An entry of its own: one caller may wait twice.
      const entry: Interest = {
        signal: interest.signal,
        progress: (event) => interest.progress(event),
      };
      joined.waiting.add(entry);
      const left = Promise.withResolvers<never>();
      const onAbort = () => {
        joined.waiting.delete(entry);
        if (joined.waiting.size === 0) {
          if (current === joined) current = undefined;
          joined.controller.abort(interest.signal.reason);
        }
        left.reject(interest.signal.reason);
      };
      interest.signal.addEventListener("abort", onAbort, { once: true });
      try {
        return await Promise.race([joined.result, left.promise]);
      } finally {
        interest.signal.removeEventListener("abort", onAbort);
        joined.waiting.delete(entry);
      }
    },
  };
}
