import { toBadge, type Badge } from "./badge.ts";
import { chapterOf, type Chapter, type Check } from "./check.ts";
import type { CheckOutcome } from "./run-check.ts";

/** What was checked, and what came of it. */
export interface Report {
  /** The kind of backend. */
  readonly type: string;
  readonly badge: Badge;
  readonly chapters: readonly {
    readonly name: string;
    readonly outcomes: readonly CheckOutcome[];
  }[];
  readonly durationMs: number;
}

export function toReport({
  type,
  chapters,
  outcomes,
  durationMs,
}: {
  type: string;
  chapters: readonly Chapter[];
  outcomes: readonly CheckOutcome[];
  durationMs: number;
}): Report {
  const at = (id: string) => outcomes.find(({ check }) => check.id === id);
  return {
    type,
    badge: toBadge(chapters, outcomes),
    chapters: chapters.map(({ name, checks }) => ({
      name,
      // In the order of the chapter, in whatever order they ended.
      outcomes: checks.flatMap(({ id }) => at(id) ?? []),
    })),
    durationMs,
  };
}

export interface ReportStyle {
  /** Whether colours may be used. */
  readonly colours?: boolean;
  /** How wide the text may be, in characters. */
  readonly width?: number;
}

const marks = { passed: "✓", failed: "✗", skipped: "–" } as const;
const colourOf = { passed: 32, failed: 31, skipped: 90 } as const;

/** The report for people to read. */
export function formatReport(report: Report, { colours = false, width = 100 }: ReportStyle = {}) {
  const paint = (code: number, text: string) =>
    colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  /** What was seen → the check that told it first. */
  const told = new Map<string, Check>();
  for (const { name, outcomes } of report.chapters) {
    lines.push("", paint(1, name));
    const [first] = outcomes;
    const reasons = new Set(outcomes.map((each) => (each.status === "skipped" ? each.reason : "")));
    if (outcomes.length > 1 && reasons.size === 1 && first?.status === "skipped") {
      const all = `all ${outcomes.length} checks are skipped: ${first.reason}`;
      lines.push(
        `  ${paint(colourOf.skipped, marks.skipped)} ${wrap(all, 4, width).join("\n    ")}`,
      );
      continue;
    }
    for (const [at, outcome] of outcomes.entries())
      lines.push(...describeOutcome(outcome, outcomes[at + 1], { paint, width, told }));
  }
  return `${lines.join("\n")}\n\n${summary(report, paint)}\n`;
}

function summary(
  { type, badge, chapters, durationMs }: Report,
  paint: (code: number, text: string) => string,
): string {
  const all = chapters.flatMap(({ outcomes }) => outcomes);
  const count = (status: CheckOutcome["status"]) =>
    all.filter((each) => each.status === status).length;
  const parts = [
    `${count("passed")} passed`,
    ...(count("failed") === 0 ? [] : [`${count("failed")} failed`]),
    ...(count("skipped") === 0 ? [] : [`${count("skipped")} skipped`]),
  ];
  const level = badge.level === "none" ? "no badge yet" : badge.level;
  const reason = badge.reason === undefined ? "" : `\n${badge.reason}`;
  return `${paint(1, `${type}: ${level}`)}  (${parts.join(", ")}, ${(durationMs / 1000).toFixed(1)} s)${reason}`;
}

interface Style {
  readonly paint: (code: number, text: string) => string;
  readonly width: number;
  readonly told: Map<string, Check>;
}

/** `next`: where it is skipped for the same reason, the reason is said there, once. */
function describeOutcome(
  outcome: CheckOutcome,
  next: CheckOutcome | undefined,
  { paint, width, told }: Style,
): string[] {
  const { check, status } = outcome;
  const level = status === "failed" ? paint(90, `  (${check.level}, ${check.id})`) : "";
  const head = `  ${paint(colourOf[status], marks[status])} ${check.title}${level}`;
  const said = (text: string) => wrap(text, 6, width).map((line) => `      ${line}`);
  if (outcome.status === "passed") return [head];
  if (outcome.status === "skipped") {
    const isSaidNext = next?.status === "skipped" && next.reason === outcome.reason;
    return isSaidNext ? [head] : [head, ...said(outcome.reason).map((line) => paint(90, line))];
  }
  const cause = `${outcome.seen} ${outcome.where ?? ""}`;
  const first = told.get(cause);
  if (first !== undefined) {
    const mending = first.remedy === check.remedy ? [] : said(`To mend it: ${check.remedy}`);
    return [head, ...said(`The same as at ${first.id}.`), ...mending];
  }
  told.set(cause, check);
  return [
    head,
    ...said(outcome.seen),
    ...(outcome.where === undefined ? [] : [`      ${paint(36, `at ${outcome.where}`)}`]),
    ...said(`Why it matters: ${check.why}`),
    ...said(`To mend it: ${check.remedy}`),
  ];
}

/** Text in lines that leave so much room at their beginning. */
function wrap(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** The report for programs: plain data. */
export function reportToJson({ type, badge, chapters, durationMs }: Report): object {
  return {
    type,
    badge,
    durationMs: Math.round(durationMs),
    checks: chapters.flatMap(({ outcomes }) =>
      outcomes.map(({ check, ...outcome }) => {
        const { id, level, title, why, remedy } = check;
        const mending = outcome.status === "failed" ? { why, remedy } : {};
        const { durationMs: tookMs, ...told } = outcome;
        return {
          id,
          chapter: chapterOf(check),
          level,
          title,
          ...told,
          ...mending,
          durationMs: Math.round(tookMs),
        };
      }),
    ),
  };
}
