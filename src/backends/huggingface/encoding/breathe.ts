import { setImmediate as nextTurn } from "node:timers/promises";

const longestBreathMs = 30;

/** Keeps long work from deafening the process: awaited now and then, it lets the event loop turn, and throws once the signal aborts. */
export function createBreath(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last >= longestBreathMs) {
      await nextTurn();
      last = performance.now();
    }
    signal.throwIfAborted();
  };
}
