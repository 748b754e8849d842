import { ModelyardError } from "../contract/errors.ts";
import { orAborted } from "../contract/abort.ts";
import type { Resolved } from "./resolved.ts";

/** Waits for a target that has to be looked for; the time it takes is the call's. `timeoutMs` is what is left of that then. */
export async function resolveInTime(
  looking: Promise<Resolved>,
  controller: AbortController,
  timeoutMs: number | undefined,
): Promise<{ resolved: Resolved; timeoutMs: number | undefined }> {
  if (timeoutMs === undefined)
    return { resolved: await orAborted(looking, controller.signal), timeoutMs };
  const startedAt = performance.now();
  const late = new ModelyardError(
    "timeout",
    `The call took longer than its limit of ${timeoutMs} ms.`,
    {
      details: { limit: "call", timeoutMs },
      remedy: "Name the model with its backend, so that no backend has to be asked for its models.",
    },
  );
  const timer = setTimeout(() => controller.abort(late), Math.min(timeoutMs, 2 ** 31 - 1));
  try {
    const resolved = await orAborted(looking, controller.signal);
    return { resolved, timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedAt)) };
  } finally {
    clearTimeout(timer);
  }
}
