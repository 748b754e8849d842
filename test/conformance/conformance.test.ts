import { describe, expect, it } from "vitest";
import { conformanceExtension } from "./conformance-extension.ts";
import { runSuite } from "./run-suite.ts";
import { startServer } from "./start-server.ts";

/** Scenarios that need no fixture: the product passes them as it is. */
const withoutFixtures = {
  "2025-11-25": [
    "server-initialize",
    "server-session-lifecycle",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "logging-set-level",
  ],
  "2026-07-28": [
    "tools-list",
    "resources-list",
    "prompts-list",
    "caching",
    "http-header-validation",
    "sep-2164-resource-not-found",
    "input-required-result-unsupported-methods",
  ],
};

describe.each(Object.entries(withoutFixtures))("the official suite, %s", (revision, scenarios) => {
  it("passes all that is required, the fixtures added", async () => {
    const server = await startServer(conformanceExtension);
    const { exitCode, output } = await runSuite(server.url, ["--requirements", revision]);
    await server.close({ drainMs: 0 });
    expect(exitCode === 0 ? "" : summaryOf(output)).toBe("");
  });

  it("passes on the product as it is what needs no fixture", async () => {
    const server = await startServer();
    const { output } = await runSuite(server.url, ["--requirements", revision]);
    await server.close({ drainMs: 0 });
    const summary = summaryOf(output);
    const passed = scenarios.filter((scenario) => summary.includes(`✓ ${scenario}:`));
    expect(passed).toEqual(scenarios);
  });
});

function summaryOf(output: string): string {
  return output.slice(output.indexOf("=== SUMMARY"));
}
