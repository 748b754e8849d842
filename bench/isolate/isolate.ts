import { fork } from "node:child_process";
import path from "node:path";
import type { Backend, CallContext } from "../../src/contract/backend.ts";
import type { RequestLimits } from "../../src/contract/http/limited-fetch.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import { isolate } from "../../src/engine/isolate.ts";
import { compare, median } from "../interleave.ts";
import type { BarGroup, Row } from "../row.ts";
import definition from "./backend.ts";

const calls = 5_000;
const events = 50_000;

/** What the process wall around a whole backend costs, against the least that crosses one, and against none. */
export const isolateCost: BarGroup = async ({ rounds, say }) => {
  const setup = { name: "bench", config: {}, fetch, log: silentLog, secret() {}, unloaded() {} };
  const isolated = isolate(definition, setup, { guard: { widest: () => "device" } });
  const here = definition.create(setup);
  const echo = startEcho();
  try {
    say("a call and a stream, behind the wall, over a bare fork, and in process");
    await Promise.all([manyCalls(isolated), echo.manyCalls()]);
    await Promise.all([manyEvents(isolated), echo.manyEvents()]);
    const call = await compare({
      what: "a call to a backend behind the process wall, against a message to a bare fork and back",
      rounds,
      limit: { atMost: 3 },
      ours: () => manyCalls(isolated),
      theirs: echo.manyCalls,
      format: microseconds,
    });
    const event = await compare({
      what: "an event of a backend behind the process wall, against a message from a bare fork",
      rounds,
      limit: { atMost: 3 },
      ours: () => manyEvents(isolated),
      theirs: echo.manyEvents,
      format: microseconds,
    });
    return [
      call,
      event,
      await beside("a call behind the process wall, beside one in process", manyCalls, {
        isolated,
        here,
        rounds,
      }),
      await beside("an event behind the process wall, beside one in process", manyEvents, {
        isolated,
        here,
        rounds,
      }),
    ];
  } finally {
    echo.end();
    await isolated.shutdown?.();
  }
};

/** Without a bar: what is in process crosses nothing. */
async function beside(
  what: string,
  measure: (backend: Backend) => Promise<number>,
  { isolated, here, rounds }: { isolated: Backend; here: Backend; rounds: number },
): Promise<Row> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(isolated));
    theirs.push(await measure(here));
  }
  return { what, ours: microseconds(median(ours)), theirs: microseconds(median(theirs)) };
}

const context: CallContext & { limits: RequestLimits } = {
  model: "m",
  signal: new AbortController().signal,
  limits: {},
  stream: true,
  fetch,
  warn() {},
  progress() {},
};

/** What each of so many calls takes, one after another, in microseconds. */
async function manyCalls({ capabilities }: Backend): Promise<number> {
  const startedAt = performance.now();
  for (let call = 0; call < calls; call++)
    await capabilities.embedding!({ input: ["a text"] }, context);
  return ((performance.now() - startedAt) * 1_000) / calls;
}

/** What each event of a long answer takes, in microseconds. */
async function manyEvents({ capabilities }: Backend): Promise<number> {
  const messages = [
    { role: "user" as const, content: [{ type: "text" as const, text: "Count." }] },
  ];
  const startedAt = performance.now();
  let seen = 0;
  for await (const { type } of capabilities.chat!({ messages, maxTokens: events }, context))
    if (type === "text-delta") seen++;
  if (seen !== events) throw new Error(`${seen} events instead of ${events}.`);
  return ((performance.now() - startedAt) * 1_000) / events;
}

function startEcho() {
  const child = fork(path.join(import.meta.dirname, "echo.ts"));
  let onMessage: (() => void) | undefined;
  child.on("message", () => onMessage?.());
  return {
    async manyCalls(): Promise<number> {
      const startedAt = performance.now();
      for (let id = 0; id < calls; id++) {
        await new Promise<void>((resolve) => {
          onMessage = resolve;
          child.send({ id, input: ["a text"] });
        });
      }
      return ((performance.now() - startedAt) * 1_000) / calls;
    },
    async manyEvents(): Promise<number> {
      const startedAt = performance.now();
      await new Promise<void>((resolve) => {
        let seen = 0;
        onMessage = () => {
          if (++seen === events) resolve();
        };
        child.send({ id: 0, events });
      });
      return ((performance.now() - startedAt) * 1_000) / events;
    },
    end: () => child.disconnect(),
  };
}

const microseconds = (value: number): string => `${value.toFixed(1)} µs`;
