import type { Trace } from "../gateway/api.ts";

/** Under which key a result tells how it came about. */
export const callKey = "modelyard/call";

/** Clients may show it to a model: it stays below a kilobyte. */
const mostSteps = 6;
const longestTarget = 48;

/** The way a call took, in short: times in milliseconds, outcomes as codes. It repeats nothing that anybody said. */
export function describeCall({ id, attempts, steps }: Trace): object {
  const told = steps.slice(-mostSteps).map((step) => {
    const target = step.target.slice(0, longestTarget);
    const at = Math.round(step.atMs);
    if (step.did === "waited") return { did: step.did, target, at, ms: Math.round(step.waitMs) };
    if (step.did === "skipped") return { did: step.did, target, at };
    const ms = step.endedMs === undefined ? {} : { ms: Math.round(step.endedMs - step.atMs) };
    const queued = step.queuedMs === undefined ? {} : { queued: Math.round(step.queuedMs) };
    return { did: step.did, target, at, ...queued, ...ms, outcome: step.outcome };
  });
  const more = steps.length - told.length;
  return { id, attempts, steps: told, ...(more > 0 ? { earlierSteps: more } : {}) };
}
