import { setTimeout as sleep } from "node:timers/promises";
import { compare, milliseconds } from "../interleave.ts";
import type { BarGroup } from "../row.ts";
import { startFixedUpstream } from "./fixed-upstream.ts";
import { chatBody, modelyardBefore } from "./proxies.ts";
import { startServer } from "./server-process.ts";
import { startLoad } from "./start-load.ts";

const loadMs = 1_500;

/** `kill -9` in the midst of calls, and a start after it, beside a start that nothing went before. */
export const kill: BarGroup = async ({ rounds, say }) => {
  await using upstream = await startFixedUpstream();
  const command = await modelyardBefore(upstream.streamed);

  async function startOnce(): Promise<number> {
    const server = await startServer(command);
    await server.stop();
    return server.readyMs;
  }

  async function startAfterKill(): Promise<number> {
    const server = await startServer(command);
    await using load = startLoad();
    const ended = load
      .run({
        url: `${server.url}/v1/chat/completions`,
        headers: {},
        body: chatBody("fixed", true),
        expected: "word15",
        requests: 1_000_000,
        atOnce: 32,
      })
      .then(
        () => "all were answered",
        () => "killed",
      );
    await sleep(loadMs);
    await server.kill();
    if ((await ended) !== "killed") throw new Error("The load ended before the kill.");
    const again = await startServer(command);
    const { readyMs } = again;
    await load.run({
      url: `${again.url}/v1/chat/completions`,
      headers: {},
      body: chatBody("fixed", true),
      expected: "word15",
      requests: 10,
      atOnce: 1,
    });
    await again.kill();
    return readyMs;
  }

  await startOnce();
  say("kill -9 under load, and a start");
  const row = await compare({
    what: "kill -9 under load, the next start to /ready and ten answers, against a first start",
    rounds,
    limit: { atMost: 1.2 },
    ours: startAfterKill,
    theirs: startOnce,
    format: milliseconds,
  });
  return [row];
};
