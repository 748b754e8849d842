import { toBadge, type Badge } from "./badge.ts";
import { chapterOf, type Chapter } from "./check.ts";
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
  for (const { name, outcomes } of report.chapters) {
    lines.push("", paint(1, name));
    for (const outcome of outcomes) {
      const { check, status } = outcome;
      const level = status === "failed" ? paint(90, `  (${check.level}, ${check.id})`) : "";
      lines.push(`  ${paint(colourOf[status], marks[status])} ${check.title}${level}`);
      if (outcome.status === "skipped") lines.push(...indent(outcome.reason, 6, width));
      if (outcome.status === "failed")
        lines.push(
          ...indent(outcome.seen, 6, width),
          ...(outcome.where === undefined ? [] : [`      ${paint(36, `at ${outcome.where}`)}`]),
          ...indent(`Why it matters: ${check.why}`, 6, width),
          ...indent(`To mend it: ${check.remedy}`, 6, width),
        );
    }
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

/** Text in lines of at most `width` characters. */
function indent(text: string, by: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && by + line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => `${" ".repeat(by)}${each}`);
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
