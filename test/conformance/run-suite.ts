import { spawn } from "node:child_process";
import { createRequire } from "node:module";

/** What became of a run. */
export interface SuiteRun {
  exitCode: number | null;
  output: string;
}

/** Runs the official suite's `server` command against a server. */
export async function runSuite(url: string, words: readonly string[]): Promise<SuiteRun> {
  const suite = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/conformance/dist/index.js",
  );
  const child = spawn(process.execPath, [suite, "server", "--url", `${url}/mcp`, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (output += part));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { exitCode, output };
}
