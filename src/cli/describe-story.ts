import type { Trace } from "../gateway/api.ts";
import { formatDuration } from "./terminal/format-duration.ts";

type Step = Trace["steps"][number];

/** The way a call took, a line for each step: what was tried, skipped and why, waited for, and what came of it. */
export function describeStory({ id, outcome, endedMs, attempts, steps }: Trace): string[] {
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
  return [
    ...steps.map(describeStep),
    `${outcome} after ${formatDuration(endedMs)}, ${tries} (call ${id})`,
  ];
}

function describeStep(step: Step): string {
  const at = `${formatDuration(step.atMs)}:`;
  if (step.did === "skipped") return `${at} ${step.target} skipped: ${step.reason}`;
  if (step.did === "waited")
    return `${at} waited ${formatDuration(step.waitMs)} before ${step.target} is tried again`;
  const { begunMs, endedMs, queuedMs, outcome = "under way", reason } = step;
  const queued = queuedMs === undefined ? "" : `queued for ${formatDuration(queuedMs)}, `;
  const began = begunMs === undefined ? "" : `began after ${formatDuration(begunMs - step.atMs)}, `;
  const ended = endedMs === undefined ? "" : ` after ${formatDuration(endedMs - step.atMs)}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${at} ${step.target} tried: ${queued}${began}${outcome}${ended}${why}`;
}
