import { linkedController, orAborted } from "../contract/abort.ts";
import { ModelyardError } from "../contract/errors.ts";

/** Waits with one try for what comes before its model is asked. `doing` ends the sentence that tells of the end: `start`. */
export type Patiently = <Result>(work: Promise<Result>, doing: string) => Promise<Result>;

/**
 * One patience for all that is waited for with it, in milliseconds from now. Once it is over the wait fails
 * with `timeout`, so that the call can go on elsewhere. The work is not stopped: others may wait for it too.
 */
export function createPatience(name: string, limitMs: number, signal: AbortSignal): Patiently {
  const endsAt = performance.now() + limitMs;
  return async (work, doing) => {
    const { controller, unlink } = linkedController(signal);
    const timer = setTimeout(
      () => controller.abort(late(name, doing, limitMs)),
      Math.max(1, endsAt - performance.now()),
    );
    try {
      return await orAborted(work, controller.signal);
    } finally {
      clearTimeout(timer);
      unlink();
    }
  };
}

/** Of a try whose backend was not there in time. */
export function late(name: string, doing: string, timeoutMs: number): ModelyardError {
  return new ModelyardError("timeout", `${name} did not ${doing} within ${timeoutMs} ms.`, {
    backend: name,
    details: { limit: "try", timeoutMs },
    remedy: "Check the backend, or raise its timeouts in the configuration.",
  });
}
