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
    const summary = output.slice(output.indexOf("=== SUMMARY"));
    const passed = summary.match(/^✓ /gm)?.length ?? 0;
    const all = passed + (summary.match(/^✗ /gm)?.length ?? 0);
    rows.push({
      what: `conformance, ${revision}`,
      ours: `${passed} of ${all} scenarios`,
      bar: "all required",
      met: exitCode === 0,
    });
  }
  return rows;
};
