import { fork } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compareAll, median, megabytes } from "../interleave.ts";
import { residentBytesOfTree } from "../process-tree.ts";
import { rowOfFailure, type BarGroup, type Row } from "../row.ts";
import { startFixedUpstream } from "./fixed-upstream.ts";
import { bareProxyBefore, chatBody, modelyardBefore } from "./proxies.ts";
import { startServer, type ServerCommand } from "./server-process.ts";
import { startLoad, type LoadGenerator } from "./start-load.ts";

/** So long after it was asked a server has settled. */
const settleMs = 3_000;
const sampleMs = 2_000;
/** In one piece and streamed in turns. */
const perBatch = 1_000;
const readers = 50;

/** What `modelyard serve` has in memory: idle, under load that lasts, and before readers that do not read. */
export const serveMemory: BarGroup = async ({ rounds, minutes, say }) => {
  await using upstream = await startFixedUpstream();
  await using load = startLoad();
  const command = await modelyardBefore(upstream.streamed);
  say("idle");
  const bare = bareProxyBefore(upstream.streamed);
  const idle = await compareAll({
    rounds: Math.min(rounds, 3),
    ours: () => idleBytes(command, load),
    theirs: () => idleBytes(bare, load),
    rows: [
      {
        what: "serve, idle resident memory, against a bare proxy",
        figure: ({ started }) => started,
        limit: { atMost: 1.4 },
        format: megabytes,
      },
      {
        what: "serve, idle resident memory after its first call, against a bare proxy",
        figure: ({ called }) => called,
        limit: { atMost: 1.4 },
        format: megabytes,
      },
    ],
  });
  say(`${minutes} minutes of load`);
  const flat = await underLoad(command, load, minutes).catch((error: unknown) =>
    rowOfFailure("serve, resident memory under load", error),
  );
  say(`${readers} readers that do not read`);
  const stalled = await unread().catch((error: unknown) =>
    rowOfFailure("serve, readers that do not read", error),
  );
  return [...idle, flat, stalled];
};

function order(url: string, stream: boolean) {
  return {
    url: `${url}/v1/chat/completions`,
    headers: {},
    body: chatBody("fixed", stream),
    expected: "word15",
    atOnce: 16,
  };
}

async function idleBytes(
  command: ServerCommand,
  load: LoadGenerator,
): Promise<{ started: number; called: number }> {
  const { pid, url, kill } = await startServer(command);
  await sleep(settleMs);
  const started = await residentBytesOfTree(pid);
  await load.run({ ...order(url, true), requests: 1, atOnce: 1 });
  await sleep(settleMs);
  const called = await residentBytesOfTree(pid);
  await kill();
  return { started, called };
}

/** The last third of the time against the second: in the first it grows as large as its work needs. */
async function underLoad(
  command: ServerCommand,
  load: LoadGenerator,
  minutes: number,
): Promise<Row> {
  const { pid, url, kill } = await startServer(command);
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * 60_000;
  const samples: { readonly part: number; readonly bytes: number }[] = [];
  const sampler = setInterval(() => {
    const part = Math.floor((3 * (performance.now() - startedAt)) / (endsAt - startedAt));
    residentBytesOfTree(pid).then(
      (bytes) => samples.push({ part, bytes }),
      // A server that has gone fails the load, which tells.
      () => {},
    );
  }, sampleMs);
  try {
    for (let batch = 0; performance.now() < endsAt; batch++)
      await load.run({ ...order(url, batch % 2 === 0), requests: perBatch });
  } finally {
    clearInterval(sampler);
    await kill();
  }
  const of = (part: number) =>
    median(samples.filter((sample) => sample.part === part).map(({ bytes }) => bytes));
  const [before, after] = [of(1), of(2)];
  const ratio = after / before;
  return {
    what: `serve, resident memory in the last third of ${minutes} minutes of load, against the second`,
    ours: megabytes(after),
    theirs: megabytes(before),
    ratio,
    bar: "≤ 1.1 ×",
    met: ratio <= 1.1,
  };
}

/** Endless streams that nobody reads: once the buffers between are full, nothing more is taken in. */
async function unread(): Promise<Row> {
  const endless = fork(path.join(import.meta.dirname, "..", "event-server.ts"));
  const [{ port }] = (await once(endless, "message")) as [{ port: number }];
  const server = await startServer(await modelyardBefore(`http://127.0.0.1:${port}/v1`));
  const body = JSON.stringify({
    model: "bench",
    messages: [{ role: "user", content: "Count." }],
    max_tokens: 1_000_000_000,
    stream: true,
  });
  const sockets = Array.from({ length: readers }, () => {
    const socket = net.connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => {}).pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  });
  try {
    await sleep(10_000);
    const before = await residentBytesOfTree(server.pid);
    await sleep(20_000);
    const after = await residentBytesOfTree(server.pid);
    return {
      what: `serve, resident memory 30 s before ${readers} readers that do not read, against 10 s`,
      ours: megabytes(after),
      theirs: megabytes(before),
      ratio: after / before,
      bar: "≤ 1.05 ×",
      met: after / before <= 1.05,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.kill();
    endless.disconnect();
  }
}
