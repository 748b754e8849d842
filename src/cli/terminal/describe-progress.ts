import type { Progress } from "../../contract/progress.ts";
import { formatBytes } from "../../contract/format-bytes.ts";
import { formatDuration, formatSeconds } from "./format-duration.ts";

/** What is known of a wait. */
export interface Sighting {
  /** Tells one wait from the next. */
  key: string;
  sinceMs: number;
  /** What is waited for, where no event has said it. */
  what?: string;
  event?: Progress;
  /** Bytes per second. */
  speed?: number | undefined;
  complete?: boolean;
}

/** A wait as one line; with `width`, with a bar and no longer than that. */
export function describeProgress(sighting: Sighting, now: number, width?: number): string {
  const { event, what = "Waiting", complete = false } = sighting;
  const elapsed = now - sighting.sinceMs;
  const cut = (line: string) =>
    width === undefined || line.length < width ? line : `${line.slice(0, Math.max(0, width - 2))}…`;
  const waiting = (text: string) =>
    cut(width === undefined ? `${text}…` : `${text}… ${formatSeconds(elapsed)}`);
  switch (event?.phase) {
    case undefined:
      return waiting(what);
    case "queue":
      return waiting(`Waiting for a free place, ${ordinal(event.position)} in the queue`);
    case "install":
      return complete
        ? `Installed ${event.name} in ${formatDuration(elapsed)}`
        : cut(`Installing ${event.name}: ${event.message}`);
    case "load":
      return waiting(
        `Loading ${event.model}${event.fraction === undefined || width === undefined ? "" : `, ${percent(event.fraction)}`}`,
      );
    case "prompt":
      return waiting(`Reading the prompt, ${event.doneTokens} of ${event.totalTokens} tokens`);
    case "pull":
      return complete
        ? `Fetched ${event.model}, ${formatBytes(event.doneBytes)} in ${formatDuration(elapsed)}`
        : cut(describePull(event, sighting.speed, width));
  }
}

function describePull(
  { model, doneBytes, totalBytes }: Extract<Progress, { phase: "pull" }>,
  speed: number | undefined,
  width: number | undefined,
): string {
  const fraction =
    totalBytes === undefined || totalBytes === 0 ? undefined : doneBytes / totalBytes;
  const parts = [
    totalBytes === undefined
      ? formatBytes(doneBytes)
      : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
  ];
  if (speed !== undefined) {
    parts.push(`${formatBytes(Math.round(speed))}/s`);
    if (totalBytes !== undefined && speed > 0)
      parts.push(`${formatSeconds(((totalBytes - doneBytes) / speed) * 1000)} left`);
  }
  const figures = parts.join(", ");
  const head = `Fetching ${model}`;
  if (fraction === undefined) return `${head}: ${figures}`;
  // What is left beside the words, within reason, is the bar's.
  const room = Math.min(30, (width ?? 0) - head.length - figures.length - 12);
  if (room < 5) return `${head}: ${percent(fraction)}, ${figures}`;
  return `${head} ${bar(fraction, room)} ${percent(fraction).padStart(5)}  ${figures}`;
}

function bar(fraction: number, length: number): string {
  const filled = Math.floor(Math.min(1, fraction) * length);
  return "█".repeat(filled) + "░".repeat(length - filled);
}

function percent(fraction: number): string {
  return `${Math.floor(Math.min(1, fraction) * 100)} %`;
}

function ordinal(position: number): string {
  if (position === 1) return "next";
  const tail = position % 100;
  const ending = tail > 10 && tail < 14 ? "th" : (["th", "st", "nd", "rd"][position % 10] ?? "th");
  return `${position}${ending}`;
}
