import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { folderWith, startModelyard, type Run } from "../cli/run-modelyard.ts";
import {
  cancelAt,
  fillNarrow,
  moments,
  nowMs,
  openUpstream,
  wideness,
  type Attempt,
  type Begin,
  type Moment,
} from "./moments.ts";
import { initialize } from "../../src/mcp/__fixtures__/http-requests.ts";
import { httpWays, modernStdioWays, stdioWays } from "./ways.ts";

const all = Object.keys(moments) as Moment[];
let upstream: ChaosUpstream;
let directory: string;

beforeAll(async () => {
  const opened = await openUpstream();
  ({ upstream } = opened);
  directory = folderWith(opened.configuration);
});
afterAll(async () => {
  await upstream.close();
  fs.rmSync(directory, { recursive: true });
});

async function startServer(): Promise<{ run: Run; url: string }> {
  const run = startModelyard(["serve", "--port", "0"], { directory });
  await run.saw("/mcp\n");
  return { run, url: /(http:\S+)\/mcp/.exec(run.written.stdout)![1]! };
}

async function stop({ child, ended }: Run): Promise<void> {
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  await ended;
}

/** Every moment, streamed and not, at once. The narrow backend is busy. */
async function cancelEverywhere(begin: Begin, which: readonly Moment[] = all): Promise<number> {
  const ends = await Promise.all(
    which.flatMap((moment) =>
      [true, false].map((stream) => cancelAt(moment, { begin, upstream, stream })),
    ),
  );
  return ends.length;
}

const closing = "/v1, its connection closed";
/** A pause that would outlast the deadline is not begun. */
const momentsOf = (way: string) =>
  way.includes("deadline") ? all.filter((each) => each !== "in a retry's wait") : all;

const askAgain = (url: string, model: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "still there?" }] }),
  });

let server: Awaited<ReturnType<typeof startServer>>;
let filler: Attempt;
beforeAll(async () => {
  server = await startServer();
  filler = await fillNarrow(httpWays(server.url)[closing]!, upstream);
});
afterAll(() => stop(server.run));

describe.concurrent("nothing is left upstream", () => {
  it.for(Object.keys(httpWays("")))("of a server's call: %s", async (way, { expect }) => {
    const which = momentsOf(way);
    const begin = httpWays(server.url)[way]!;
    expect(await cancelEverywhere(begin, which)).toBe(2 * which.length);
  });

  it("of what a client of 2025 gives up on stdio", async ({ expect, onTestFinished }) => {
    const input = `${JSON.stringify(initialize)}\n`;
    const run = startModelyard(["mcp"], { directory, input, inputStaysOpen: true });
    onTestFinished(() => stop(run));
    await run.saw("serverInfo");
    const ways = Object.entries(stdioWays(run));
    await fillNarrow(ways[0]![1], upstream);
    const ends = await Promise.all(
      ways.map(([way, begin]) => cancelEverywhere(begin, momentsOf(way))),
    );
    expect(ends).toEqual(ways.map(([way]) => 2 * momentsOf(way).length));
  });

  it("of what a client of 2026 gives up on stdio, or leaves behind", async ({
    expect,
    onTestFinished,
  }) => {
    const run = startModelyard(["mcp"], { directory, inputStaysOpen: true });
    onTestFinished(() => stop(run));
    const [begin] = Object.values(modernStdioWays(run));
    await fillNarrow(begin!, upstream);
    await cancelEverywhere(begin!);
    const leave: Begin = async (given) => {
      await begin!(given);
      return { cancel: () => void run.child.stdin!.end() };
    };
    await Promise.all(
      (["before headers", "before the first token", "in mid-stream"] as const).map((moment) =>
        cancelAt(moment, { begin: leave, upstream, stream: true }),
      ),
    );
    expect((await run.ended).code).toBe(0);
  });

  it("of a server that is told to end", async ({ expect }) => {
    const { run, url } = await startServer();
    const ask = httpWays(url)[closing]!;
    // One signal for all, once each is where it should be: a second one would end it at once.
    const told = Promise.withResolvers<number>();
    let left = 2 * all.length;
    const begin: Begin = async (given) => {
      await ask(given);
      return {
        cancel() {
          left -= 1;
          if (left === 0) {
            told.resolve(nowMs());
            run.child.kill("SIGTERM");
          }
          return told.promise;
        },
      };
    };
    await fillNarrow(ask, upstream);
    await cancelEverywhere(begin);
    expect((await run.ended).code).toBe(0);
  });

  it("of a command that is interrupted", async ({ expect }) => {
    const runs: Run[] = [];
    const begin: Begin = ({ model, prompt, stream }) => {
      const json = stream ? [] : ["--json"];
      const run = startModelyard(["chat", prompt, "-m", model, ...json], { directory });
      runs.push(run);
      return { cancel: () => void run.child.kill("SIGINT") };
    };
    await Promise.all([
      cancelAt("before headers", { begin, upstream, stream: true }),
      cancelAt("before the first token", { begin, upstream, stream: false }),
      cancelAt("in mid-stream", { begin, upstream, stream: true }),
      cancelAt("in a retry's wait", { begin, upstream, stream: true }),
    ]);
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code)).toEqual([130, 130, 130, 130]);
  });
});

it("leaves a server with all its places free", async () => {
  if (typeof filler.cancel === "function") await filler.cancel();
  const calls = Array.from({ length: wideness }, () => askAgain(server.url, "wide/good"));
  const answers = await Promise.all([...calls, askAgain(server.url, "narrow/good")]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});
