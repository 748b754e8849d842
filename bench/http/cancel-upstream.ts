import fs from "node:fs";
import { median, milliseconds } from "../interleave.ts";
import type { BarGroup, Row } from "../row.ts";
import { builtProgram } from "../built-program.ts";
import {
  cancelAt,
  nowMs,
  openUpstream,
  type Begin,
  type Moment,
} from "../../test/cancellation/moments.ts";
import { initialize } from "../../src/mcp/__fixtures__/http-requests.ts";
import { httpWays, modernStdioWays, stdioWays } from "../../test/cancellation/ways.ts";
import { folderWith, startModelyard, type Run } from "../../test/cli/run-modelyard.ts";

const moments: readonly Moment[] = ["before headers", "before the first token", "in mid-stream"];
const barMs = 50;

/** From the moment a call is given up, in every way out, until the upstream's connection is closed. */
export const cancelUpstream: BarGroup = async ({ rounds, say }) => {
  const entry = `dist/cli/${(await builtProgram()).split("/").at(-1)}`;
  const { upstream, configuration } = await openUpstream();
  const directory = folderWith(configuration);
  const runs: Run[] = [];
  const start = (words: string[], more: object = {}) => {
    const run = startModelyard(words, { directory, entry, ...more });
    runs.push(run);
    return run;
  };
  const startServer = async () => {
    const run = start(["serve", "--port", "0"]);
    await run.saw("/mcp\n");
    return { run, url: /(http:\S+)\/mcp/.exec(run.written.stdout)![1]! };
  };
  const rows: Row[] = [];

  async function measure(what: string, open: () => Begin | Promise<Begin>): Promise<void> {
    say(what);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++)
      for (const moment of moments)
        for (const stream of [true, false])
          times.push((await cancelAt(moment, { begin: await open(), upstream, stream })) ?? 0);
    const middle = median(times);
    rows.push({
      what: `cancel, ${what}, until the upstream is closed`,
      ours: `${milliseconds(middle)}, at most ${milliseconds(Math.max(...times))}`,
      bar: `≤ ${barMs} ms`,
      met: middle <= barMs,
    });
  }

  try {
    const { url } = await startServer();
    for (const [way, begin] of Object.entries(httpWays(url))) await measure(way, () => begin);
    const input = `${JSON.stringify(initialize)}\n`;
    const legacy = start(["mcp"], { input, inputStaysOpen: true });
    await legacy.saw("serverInfo");
    const modern = start(["mcp"], { inputStaysOpen: true });
    const ways = { ...stdioWays(legacy), ...modernStdioWays(modern) };
    for (const [way, begin] of Object.entries(ways)) await measure(way, () => begin);
    await measure("Ctrl-C of the command line", () => ({ model, prompt, stream }) => {
      const run = start(["chat", prompt, "-m", model, ...(stream ? [] : ["--json"])]);
      return { cancel: () => void run.child.kill("SIGINT") };
    });
    await measure("a server's shutdown, after its drain of 50 ms", async () => {
      const server = await startServer();
      return async (given) => {
        await httpWays(server.url)["/v1, its connection closed"]!(given);
        return {
          cancel() {
            server.run.child.kill("SIGTERM");
            return nowMs() + 50;
          },
        };
      };
    });
    return rows;
  } finally {
    for (const { child } of runs) child.kill("SIGKILL");
    await upstream.close();
    fs.rmSync(directory, { recursive: true });
  }
};
