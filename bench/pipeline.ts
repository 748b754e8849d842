import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Fastify from "fastify";
import { Pool } from "undici";
import { z } from "zod";
import { defineBackend } from "../src/contract/backend.ts";
import { builtInCapabilities } from "../src/contract/capabilities.ts";
import type { ChatEvent } from "../src/contract/capabilities/chat.ts";
import type { Gateway } from "../src/gateway/api.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { parseConfiguration } from "../src/gateway/parse-configuration.ts";

/** What the gateway and its pipeline cost around a backend that does nothing, beside a request through a bare proxy. */
export interface PipelineFigures {
  /** CPU time of this process, in microseconds, each the median of the rounds. */
  readonly proxiedRequestMicroseconds: number;
  readonly callMicroseconds: number;
  readonly eventMicroseconds: number;
  /** Bars: 0.5 and 0.05. */
  readonly callRatio: number;
  readonly eventRatio: number;
}

const perRound = 3000;
const eventsPerStream = 1000;
const atOnce = 16;

const chatRequest = {
  messages: [
    { role: "system", content: "You are a helpful assistant. Answer in one short sentence." },
    { role: "user", content: "What is the capital of Italy?" },
    { role: "assistant", content: "The capital of Italy is Rome." },
    {
      role: "user",
      content: "And what is the capital of France, the country to its west? ".repeat(10),
    },
  ],
  maxTokens: 64,
  temperature: 0.7,
};

export async function measurePipeline(rounds = 5): Promise<PipelineFigures> {
  const gateway = createIdleGateway();
  const proxy = await startProxy();
  const call = () => gateway.call("chat", chatRequest, { model: "idle/2" });
  const stream = async () => {
    const { events } = await gateway.stream("chat", chatRequest, {
      model: `idle/${eventsPerStream}`,
    });
    let seen = 0;
    for await (const _ of events) seen++;
    if (seen !== eventsPerStream) throw new Error(`${seen} events instead of ${eventsPerStream}.`);
  };

  const figures = { request: [] as number[], call: [] as number[], stream: [] as number[] };
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const request = (await cpuOf(() => proxy.send(perRound))) / perRound;
    const called = (await cpuOf(() => repeat(call, perRound))) / perRound;
    const streamed = (await cpuOf(() => repeat(stream, perRound / 50))) / (perRound / 50);
    if (round === 0) continue;
    figures.request.push(request);
    figures.call.push(called);
    figures.stream.push((streamed - called) / (eventsPerStream - 2));
  }
  await proxy.close();
  await gateway.close();

  const request = median(figures.request);
  const called = median(figures.call);
  const event = median(figures.stream);
  return {
    proxiedRequestMicroseconds: request,
    callMicroseconds: called,
    eventMicroseconds: event,
    callRatio: called / request,
    eventRatio: event / request,
  };
}

/** A gateway with one backend whose models are numbers: as many events as they say, at once. */
function createIdleGateway(): Gateway {
  const idle = defineBackend({
    type: "idle",
    builtIn: true,
    config: z.strictObject({}),
    create: () => ({
      capabilities: {
        async *chat(_, { model }): AsyncGenerator<ChatEvent> {
          const texts = Number(model) - 1;
          for (let count = 0; count < texts; count++) yield { type: "text-delta", text: "Paris." };
          yield { type: "finish", reason: "stop", usage: { outputTokens: 2 } };
        },
      },
    }),
  });
  const capabilities = builtInCapabilities;
  return createGateway({
    configuration: parseConfiguration({}, { definitions: [idle], capabilities }),
    definitions: [idle],
    log: { ...console, debug() {}, info() {} },
  });
}

async function startProxy(): Promise<{
  send(requests: number): Promise<void>;
  close(): Promise<void>;
}> {
  const ends = fork(path.join(import.meta.dirname, "proxy-ends.ts"));
  const { port } = await answerOf<{ port: number }>(ends);
  const pool = new Pool(`http://127.0.0.1:${port}`);
  const server = Fastify();
  server.post("/chat", async (request, reply) => {
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: "/chat",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request.body),
    });
    return reply.code(statusCode).send(await body.json());
  });
  const address = await server.listen({ port: 0, host: "127.0.0.1" });
  const order = { port: Number(new URL(address).port), body: JSON.stringify(chatRequest) };
  return {
    async send(requests) {
      ends.send({ ...order, requests });
      await answerOf(ends);
    },
    async close() {
      ends.disconnect();
      await server.close();
      await pool.close();
    },
  };
}

async function answerOf<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, "message")) as [Message];
  return message;
}

async function repeat(work: () => Promise<unknown>, times: number): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The CPU time that this process spends, in microseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measurePipeline());
