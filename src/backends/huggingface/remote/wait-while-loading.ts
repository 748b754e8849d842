import { setTimeout as sleep } from "node:timers/promises";
import { isModelyardError, type ModelyardError } from "../../../contract/errors.ts";
import type { Interest } from "../../../contract/progress.ts";

/** Between two questions, in milliseconds, whatever the server expects: it may be wrong, and nobody should wait for nothing. */
const longestPauseMs = 10_000;
/** Where the server gives no estimate, in milliseconds. */
const usualPauseMs = 2_000;
const shortestPauseMs = 250;
/** How often a caller hears that there is still something to wait for, in milliseconds. */
const progressMs = 2_000;

/**
 * What `attempt` gives once the model is loaded. Asks again after what the server estimates, tells of it meanwhile, and goes on until
 * `signal` aborts: then the error says that the model was still being loaded.
 */
export async function waitWhileLoading<T>(
  attempt: () => Promise<T>,
  model: string,
  { signal, progress }: Interest,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLoading(error)) throw error;
      await pause(error, model, { signal, progress });
    }
  }
}

function isLoading(error: unknown): error is ModelyardError {
  return isModelyardError(error) && error.details?.["loading"] === true;
}

async function pause(
  problem: ModelyardError,
  model: string,
  { signal, progress }: Interest,
): Promise<void> {
  const wanted = problem.retryAfterMs ?? usualPauseMs;
  const end = performance.now() + Math.min(longestPauseMs, Math.max(shortestPauseMs, wanted));
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    progress({ phase: "load", model });
    try {
      await sleep(Math.min(left, progressMs), undefined, { signal });
    } catch {
      // Only the signal ends a sleep early; what it waited for says more than that time is up.
      throw problem;
    }
  }
}
