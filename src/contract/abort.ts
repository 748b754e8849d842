import { isModelyardError, ModelyardError } from "./errors.ts";

/** A controller that aborts with `signal` too; call `unlink` when its work has ended, so that no listener is left behind. */
export function linkedController(signal: AbortSignal): {
  controller: AbortController;
  unlink(): void;
} {
  const controller = new AbortController();
  if (signal.aborted) {
    controller.abort(signal.reason);
    return { controller, unlink() {} };
  }
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  return { controller, unlink: () => signal.removeEventListener("abort", onAbort) };
}

/** Why a signal aborted, as an error of ours: a caller's own abort is `cancelled`. */
export function abortError(signal: AbortSignal): ModelyardError {
  if (isModelyardError(signal.reason)) return signal.reason;
  return new ModelyardError("cancelled", "The call was cancelled.", { cause: signal.reason });
}

/** A signal that aborts with this `timeout` error after `limitMs`: who heeds it knows why. It keeps no process alive. */
export function timeLimit(limitMs: number, message: string, remedy?: string): AbortSignal {
  return endingTimeLimit(limitMs, message, remedy).signal;
}

/** The same, where many are made: `end` it with the work, so that nothing is left of it. */
export function endingTimeLimit(
  limitMs: number,
  message: string,
  remedy?: string,
): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const late = () => controller.abort(new ModelyardError("timeout", message, { remedy }));
  const timer = setTimeout(late, limitMs).unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

/** Settles after `ms` milliseconds. @throws the reason of an abort as soon as there is one */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(signal));
    const onAbort = () => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * What `work` gives, or the reason of an abort as soon as there is one: work that does not heed its signal keeps nobody waiting. `onEnd` is
 * called when the work has ended, be it long after the abort.
 */
export function orAborted<T>(
  work: T | PromiseLike<T>,
  signal: AbortSignal,
  onEnd?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const settled = () => {
      signal.removeEventListener("abort", onAbort);
      onEnd?.();
    };
    Promise.resolve(work).then(
      (value) => {
        settled();
        resolve(value);
      },
      (error: unknown) => {
        settled();
        reject(error);
      },
    );
  });
}
