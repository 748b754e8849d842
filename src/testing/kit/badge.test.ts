import { expect, it } from "vitest";
import { toBadge, toBadgeSvg } from "./badge.ts";
import type { Chapter, Check, Level } from "./check.ts";
import type { CheckOutcome } from "./run-check.ts";

type Told = "passed" | "failed" | "skipped" | "declared";

/** A chapter with one check for each of these. */
function chapter(name: string, checks: readonly [Level, Told][]): [Chapter, CheckOutcome[]] {
  const made = checks.map(([level, told], at): [Check, CheckOutcome] => {
    const check = {
      id: `${name}/${at}`,
      level,
      title: "",
      why: "",
      remedy: "",
      run: async () => {},
    };
    const base = { check, durationMs: 0 };
    if (told === "passed") return [check, { ...base, status: "passed" }];
    if (told === "failed") return [check, { ...base, status: "failed", seen: "" }];
    return [check, { ...base, status: "skipped", reason: "", declared: told === "declared" }];
  });
  return [{ name, about: "", checks: made.map(([check]) => check) }, made.map(([, told]) => told)];
}

const right: [Level, Told][] = [
  ["bronze", "passed"],
  ["silver", "passed"],
  ["gold", "passed"],
];

it.each<[string, [Level, Told][], string, number]>([
  ["nothing failed", [], "gold", 0],
  ["one of gold failed", [["gold", "failed"]], "silver", 0],
  ["one of silver failed", [["silver", "failed"]], "bronze", 0],
  ["one of bronze failed", [["bronze", "failed"]], "none", 0],
  [
    "one of bronze and one of gold failed",
    [
      ["bronze", "failed"],
      ["gold", "failed"],
    ],
    "none",
    0,
  ],
  [
    "one of a chapter was skipped",
    [
      ["gold", "skipped"],
      ["gold", "passed"],
    ],
    "gold",
    1,
  ],
  ["a chapter was skipped whole, and nobody said why", [["gold", "skipped"]], "bronze", 1],
  ["a chapter was skipped whole, and somebody said why", [["gold", "declared"]], "gold", 1],
  [
    "a chapter was skipped whole, of which one is not said",
    [
      ["gold", "declared"],
      ["gold", "skipped"],
    ],
    "bronze",
    2,
  ],
])("where %s", (_, checks, level, skipped) => {
  const chapters = [chapter("first", right), chapter("second", checks)];
  const badge = toBadge(
    chapters.map(([each]) => each),
    chapters.flatMap(([, outcomes]) => outcomes),
  );
  expect(badge).toMatchObject({ level, skipped });
  expect(badge.reason === undefined).toBe(level === "gold");
});

it("is a picture that says the level, and how much was skipped", () => {
  const picture = toBadgeSvg({ level: "silver", skipped: 3 });
  expect(picture).toContain('aria-label="modelyard: silver · 3 skipped"');
  expect(toBadgeSvg({ level: "gold", skipped: 0 })).toContain('aria-label="modelyard: gold"');
});
