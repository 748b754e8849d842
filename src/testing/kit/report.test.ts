import { expect, it } from "vitest";
import type { Check } from "./check.ts";
import { toReport, formatReport } from "./report.ts";
import type { CheckOutcome } from "./run-check.ts";

function failed(id: string, seen: string, remedy = "Let it end."): CheckOutcome {
  const check: Check = { id, level: "gold", title: `${id} holds`, why: "It hangs.", remedy, run };
  return { check, durationMs: 1, status: "failed", seen, where: "acme.ts:3" };
}
const run = async () => {};

it("says what many checks have seen once, and then where that was", () => {
  const outcomes = [
    failed("errors/a", "It did not end."),
    failed("errors/b", "It did not end."),
    failed("errors/c", "It did not end.", "Heed the signal."),
    failed("errors/d", "It threw."),
  ];
  const chapters = [{ name: "errors", about: "", checks: outcomes.map(({ check }) => check) }];
  const report = toReport({ type: "acme", chapters, outcomes, durationMs: 1 });
  const lines = formatReport(report).split("\n").slice(2, -4);
  expect(lines).toEqual([
    "  ✗ errors/a holds  (gold, errors/a)",
    "      It did not end.",
    "      at acme.ts:3",
    "      Why it matters: It hangs.",
    "      To mend it: Let it end.",
    "  ✗ errors/b holds  (gold, errors/b)",
    "      The same as at errors/a.",
    "  ✗ errors/c holds  (gold, errors/c)",
    "      The same as at errors/a.",
    "      To mend it: Heed the signal.",
    "  ✗ errors/d holds  (gold, errors/d)",
    "      It threw.",
    "      at acme.ts:3",
    "      Why it matters: It hangs.",
    "      To mend it: Let it end.",
  ]);
});
