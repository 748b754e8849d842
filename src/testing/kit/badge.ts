import { levels, type Chapter, type Level } from "./check.ts";
import type { CheckOutcome } from "./run-check.ts";

/** What a backend has earned. */
export interface Badge {
  /** `none` where a check of bronze failed. */
  readonly level: Level | "none";
  /** How many checks could not be told; they count neither way. */
  readonly skipped: number;
  /** Why it is no higher, a sentence; left out of gold. */
  readonly reason?: string;
}

/** A level is reached where no check of it, or of one below, has failed. */
export function toBadge(chapters: readonly Chapter[], outcomes: readonly CheckOutcome[]): Badge {
  const skipped = outcomes.filter(({ status }) => status === "skipped").length;
  const failed = outcomes.filter(({ status }) => status === "failed");
  const lowest = levels.find((level) => failed.some(({ check }) => check.level === level));
  const below = lowest === undefined ? "gold" : (levels[levels.indexOf(lowest) - 1] ?? "none");
  const untold = chapters.filter(({ checks }) =>
    isUntold(
      checks.map(({ id }) => id),
      outcomes,
    ),
  );
  if (untold.length > 0 && below !== "none" && below !== "bronze")
    return { level: "bronze", skipped, reason: untoldReason(untold) };
  if (lowest === undefined) return { level: below, skipped };
  const { id } = failed.find(({ check }) => check.level === lowest)!.check;
  return { level: below, skipped, reason: `${id} is a check of ${lowest}, and failed.` };
}

/** Whether all of a chapter was skipped, and nobody said that there is nothing to tell. */
function isUntold(ids: readonly string[], outcomes: readonly CheckOutcome[]): boolean {
  const own = outcomes.filter(({ check }) => ids.includes(check.id));
  return (
    own.length > 0 &&
    own.every(({ status }) => status === "skipped") &&
    own.some((each) => each.status === "skipped" && !each.declared)
  );
}

function untoldReason(untold: readonly Chapter[]): string {
  const names = untold.map(({ name }) => name).join(", ");
  return `Nothing of ${names} could be told: say why with skip, or give what is needed.`;
}

/** Dark enough for white letters on them. */
const colours = { gold: "#967000", silver: "#66717d", bronze: "#9c6632", none: "#c0392b" };
/** Of an average letter, and around each of the two texts, in pixels. */
const letterWidth = 6.6;
const padding = 10;

/** A picture of it, as they stand in a README. */
export function toBadgeSvg({ level, skipped }: Badge): string {
  const left = "modelyard";
  const right = `${level === "none" ? "not yet" : level}${skipped === 0 ? "" : ` · ${skipped} skipped`}`;
  const [leftWidth, rightWidth] = [left, right].map((text) =>
    Math.round(text.length * letterWidth + padding),
  ) as [number, number];
  const width = leftWidth + rightWidth;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${left}: ${right}">
  <title>${left}: ${right}</title>
  <clipPath id="round"><rect width="${width}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="${leftWidth}" height="20" fill="#444"/>
    <rect x="${leftWidth}" width="${rightWidth}" height="20" fill="${colours[level]}"/>
  </g>
  <g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="${leftWidth / 2}" y="14">${left}</text>
    <text x="${leftWidth + rightWidth / 2}" y="14">${right}</text>
  </g>
</svg>
`;
}
