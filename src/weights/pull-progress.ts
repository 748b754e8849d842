import { setTimeout as sleep } from "node:timers/promises";
import type { PullProgress } from "../contract/progress.ts";
import type { Report } from "./sources/source.ts";

const intervalMs = 100;

/**
 * Runs `work` and yields how far it is, at most ten times a second, the latest alone; returns what it returns. A caller who
 * stops early, or whose signal fires, stops the work.
 * @throws what the work throws, or the signal's reason.
 */
export async function* pullProgress<T>(
  model: string,
  signal: AbortSignal | undefined,
  work: (report: Report, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<PullProgress, T> {
  const stopped = new AbortController();
  const combined =
    signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]);
  let latest: PullProgress | undefined;
  let wake = Promise.withResolvers<void>();
  const report: Report = (doneBytes, totalBytes) => {
    latest = { phase: "pull", model, doneBytes, ...(totalBytes !== undefined && { totalBytes }) };
    wake.resolve();
  };
  const state = { ended: false };
  const result = work(report, combined).finally(() => {
    state.ended = true;
    wake.resolve();
  });
  // Its failure is thrown below; until then it must not count as unhandled.
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  try {
    while (!state.ended) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
      if (latest !== undefined) {
        const event: PullProgress = latest;
        latest = undefined;
        yield event;
      }
      if (!state.ended) await Promise.race([settled, sleep(intervalMs, undefined, { ref: false })]);
    }
    if (latest !== undefined) yield latest;
    return await result;
  } finally {
    stopped.abort();
    await settled;
  }
}
