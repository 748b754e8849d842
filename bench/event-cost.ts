import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";
import definition from "../src/backends/openai-compatible/index.ts";
import type { Backend } from "../src/contract/backend.ts";
import { createGuardedFetch } from "../src/contract/http/guarded-fetch.ts";
import { validate } from "../src/contract/validate.ts";
import { compare, milliseconds } from "./interleave.ts";
import type { BarGroup, Row } from "./row.ts";

/** CPU of an event from the upstream's bytes to the contract's event, against the least that reads the same stream. */
export const eventCost: BarGroup = async ({ rounds, say }) => {
  const server = fork(path.join(import.meta.dirname, "event-server.ts"));
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  const guarded = createGuardedFetch();
  const agent = new Agent();
  const backend = createBackend(url, guarded.fetch);
  try {
    const ours = (count: number) => readThroughBackend(backend, guarded.fetch, count);
    const theirs = (count: number) => readBare(agent, url, count);
    say("a stream of 1,000 events, read by both");
    await perEvent(ours, 1_000)();
    await perEvent(theirs, 1_000)();
    const cost = await compare({
      what: "CPU of an event, upstream bytes to contract event, against undici.request + eventsource-parser + JSON.parse",
      rounds,
      limit: { atMost: 1.4 },
      ours: perEvent(ours, 1_000),
      theirs: perEvent(theirs, 1_000),
      format: microseconds,
    });
    say("streams of 10,000 events against ones of 1,000");
    const flat = await compare({
      what: "CPU of an event in an answer of 10,000, against one in an answer of 1,000",
      rounds,
      limit: { atMost: 1.15 },
      ours: perEvent(ours, 10_000),
      theirs: perEvent(ours, 1_000),
      format: microseconds,
    });
    return [cost, flat, await cancelled(backend, guarded.fetch, server)];
  } finally {
    server.disconnect();
    await Promise.all([guarded.close(), agent.close()]);
  }
};

/** The CPU time that an event costs, in microseconds, over 20,000 of them in answers of `count`. */
function perEvent(read: (count: number) => Promise<number>, count: number) {
  return async () => {
    const before = process.cpuUsage();
    for (let stream = 0; stream < 20_000 / count; stream++) {
      const seen = await read(count);
      if (seen !== count) throw new Error(`${seen} events instead of ${count}.`);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 20_000;
  };
}

const microseconds = (value: number): string => `${value.toFixed(1)} µs`;
const log = { debug() {}, info() {}, warn() {}, error() {} };

function createBackend(url: string, fetch: typeof globalThis.fetch): Backend {
  const config = validate(
    definition.config,
    { baseUrl: `${url}/v1`, profile: "vllm" },
    { what: "configuration" },
  );
  return definition.create({ name: "bench", config, fetch, log, secret() {}, unloaded() {} });
}

function chat(
  backend: Backend,
  fetch: typeof globalThis.fetch,
  count: number,
  signal: AbortSignal,
) {
  const messages = [
    { role: "user" as const, content: [{ type: "text" as const, text: "Count." }] },
  ];
  return backend.capabilities.chat!(
    { messages, maxTokens: count },
    { model: "bench", signal, stream: true, fetch, warn() {}, progress() {} },
  );
}

async function readThroughBackend(
  backend: Backend,
  fetch: typeof globalThis.fetch,
  count: number,
): Promise<number> {
  let seen = 0;
  for await (const event of chat(backend, fetch, count, new AbortController().signal))
    if (event.type === "text-delta") seen++;
  return seen;
}

async function readBare(dispatcher: Agent, url: string, count: number): Promise<number> {
  const messages = [{ role: "user", content: "Count." }];
  const { body } = await request(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "bench", messages, max_tokens: count, stream: true }),
    dispatcher,
  });
  let seen = 0;
  const parser = createParser({
    onEvent({ data }) {
      if (data === "[DONE]") return;
      const chunk = JSON.parse(data) as { choices: { delta: { content?: string } }[] };
      if (chunk.choices[0]?.delta.content !== undefined) seen++;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) parser.feed(decoder.decode(bytes as Buffer, { stream: true }));
  return seen;
}

/** From an abort in mid-stream until the upstream sees its connection closed. */
async function cancelled(
  backend: Backend,
  fetch: typeof globalThis.fetch,
  server: ChildProcess,
): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const closed = once(server, "message") as Promise<[{ closedAt: number }]>;
    let seen = 0;
    let abortedAt = 0;
    try {
      for await (const _ of chat(backend, fetch, 1_000_000, controller.signal)) {
        if (++seen !== 100) continue;
        abortedAt = performance.timeOrigin + performance.now();
        controller.abort();
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
    const [{ closedAt }] = await closed;
    times.push(closedAt - abortedAt);
  }
  const worst = Math.max(...times);
  return {
    what: "cancel in mid-stream until the upstream's connection is closed, the worst of 20",
    ours: milliseconds(worst),
    bar: "≤ 50 ms",
    met: worst <= 50,
  };
}
