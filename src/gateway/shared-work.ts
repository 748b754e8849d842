import type { Progress } from "../contract/progress.ts";
import { abortError } from "../pipeline/abort.ts";
import type { Interest } from "../pipeline/call.ts";

/** Work under way that several may wait for: done once, told to all, stopped when the last one has left. */
export interface SharedWork<Result> {
  join(interest: Interest): Promise<Result>;
}

/** Starts `work`; `onSettled` runs once it has ended, however. */
export function shareWork<Result>(
  work: (interest: Interest) => Promise<Result>,
  onSettled: () => void,
): SharedWork<Result> {
  const controller = new AbortController();
  const waiting = new Set<Interest>();
  let latest: Progress | undefined;
  const promise = work({
    signal: controller.signal,
    progress(event) {
      latest = event;
      for (const interest of waiting) interest.progress(event);
    },
  }).finally(onSettled);
  promise.catch(() => {}); // each of those who wait hears of it by `join`

  return {
    join(interest) {
      if (interest.signal.aborted) return Promise.reject(abortError(interest.signal));
      waiting.add(interest);
      if (latest !== undefined) interest.progress(latest);
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(interest);
          interest.signal.removeEventListener("abort", onAbort);
        };
        const onAbort = () => {
          leave();
          if (waiting.size === 0) controller.abort(abortError(interest.signal));
          reject(abortError(interest.signal));
        };
        interest.signal.addEventListener("abort", onAbort, { once: true });
        promise.finally(leave).then(resolve, reject);
      });
    },
  };
}
