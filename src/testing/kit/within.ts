import { Failure } from "./check.ts";

/** What `work` gives. @throws {Failure} where it takes longer than `limitMs`: `what` says who did not end */
export async function within<Value>(
  work: PromiseLike<Value> | Value,
  limitMs: number,
  what: string,
  asked?: unknown,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Failure(`${what} did not end within ${limitMs} ms.`, { asked }));
    }, limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Settles after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Whether `isTrue` becomes true in time. It is asked again every few milliseconds. */
export async function becomes(isTrue: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > endMs) return false;
    await pause(5);
  }
  return true;
}
