import { conformanceExtension } from "../test/conformance/conformance-extension.ts";
import { runSuite } from "../test/conformance/run-suite.ts";
import { startServer } from "../test/conformance/start-server.ts";
import type { BarGroup, Row } from "./row.ts";

const revisions = ["2025-11-25", "2026-07-28"];

/** The official suite's scores, the suite's fixtures added to the product's own server. */
export const conformance: BarGroup = async ({ say }) => {
  const rows: Row[] = [];
  for (const revision of revisions) {
    say(revision);
    const server = await startServer(conformanceExtension);
    const { output, exitCode } = await runSuite(server.url, ["--requirements", revision]);
    await server.close({ drainMs: 0 });
    const { passed, required } = scoreOf(output);
    rows.push({
      what: `conformance, ${revision}`,
      ours: `${passed} of ${required} scenarios`,
      bar: "all",
      met: exitCode === 0,
    });
  }
  return rows;
};

/** Of the scenarios that a revision requires; those of its extensions are run too, but not scored. */
function scoreOf(output: string): { passed: number; required: number } {
  const summary = output.slice(output.indexOf("=== SUMMARY"));
  const unscored = new Set(
    Array.from(summary.matchAll(/^ {2}[✓✗] ([\w.-]+)/gm), ([, name]) => name),
  );
  const scenarios = Array.from(summary.matchAll(/^([✓✗]) ([\w.-]+):/gm), ([, mark, name]) => ({
    passed: mark === "✓",
    name,
  })).filter(({ name }) => !unscored.has(name));
  return {
    passed: scenarios.filter(({ passed }) => passed).length,
    required: scenarios.length,
  };
}
