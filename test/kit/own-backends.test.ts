import { expect, it } from "vitest";
import type { AnyBackendDefinition } from "../../src/contract/backend.ts";
import echo from "../../src/backends/echo.ts";
import { formatReport, testBackend, type KitOptions } from "../../src/testing/index.ts";

/** The badge; of what is not gold the whole report, so that a failed test shows what is wrong. */
async function badgeOf(definition: AnyBackendDefinition, options?: KitOptions): Promise<string> {
  const report = await testBackend(definition, options);
  return report.badge.level === "gold" ? "gold" : formatReport(report);
}

it("echo", async () => {
  expect(await badgeOf(echo)).toBe("gold");
});
