import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { builtProgram } from "./built-program.ts";
import { compare, megabytes, milliseconds } from "./interleave.ts";
import { residentBytesOfTree } from "./process-tree.ts";
import type { BarGroup } from "./row.ts";
import { startSession } from "./stdio-session.ts";

/** So long after its tools were listed a server has settled. */
const settleMs = 2000;
/** A start takes a fraction of a second and varies most, so each figure is the best of some. */
const startsPerRound = 3;

/** What an assistant pays for having `modelyard mcp` beside a server that does nothing. */
export const startUp: BarGroup = async ({ rounds, say }) => {
  const ours = [await builtProgram(), "mcp"];
  const theirs = [path.join(import.meta.dirname, "bare-server.mjs")];
  // The first start reads the files from the disk, and leaves compiled code for the next.
  for (const words of [theirs, ours]) await (await startSession(words)).close();

  say("starts on stdio");
  const start = await compare({
    what: "stdio start to initialize answered",
    rounds,
    limit: { atMost: 1.3 },
    ours: () => quickestStart(ours),
    theirs: () => quickestStart(theirs),
    format: milliseconds,
  });
  say("idle memory");
  const memory = await compare({
    what: "idle resident memory, whole tree",
    rounds,
    limit: { atMost: 1.25 },
    ours: () => idleBytes(ours),
    theirs: () => idleBytes(theirs),
    format: megabytes,
  });
  return [start, memory];
};

async function quickestStart(words: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < startsPerRound; count++) {
    const session = await startSession(words);
    times.push(session.initializedMs);
    await session.close();
  }
  return Math.min(...times);
}

/** Of a server whose client has looked at the tools, as every client does. */
async function idleBytes(words: readonly string[]): Promise<number> {
  const session = await startSession(words);
  await session.ask("tools/list");
  await sleep(settleMs);
  const bytes = await residentBytesOfTree(session.pid);
  await session.close();
  return bytes;
}
