import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallContext } from "../contract/backend.ts";
import type { AnyEvent, AnyHandler } from "../contract/capability.ts";
import { isModelyardError } from "../contract/errors.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  never,
  type FakeCall,
} from "./__fixtures__/fake-call.ts";
import { useFakeClock } from "./__fixtures__/fake-clock.ts";
import type { Middleware, Next, Outcome } from "./call.ts";
import { compose } from "./compose.ts";
import { deadline } from "./deadline.ts";
import { execute } from "./execute.ts";
import { limit } from "./limit.ts";
import { prepare } from "./prepare.ts";
import { timeout } from "./timeout.ts";
import { trace } from "./trace.ts";

/** One thing that a handler does. */
type Deed =
  | { does: "text" | "garbage" | "finish" | "throw" | "hang" | "progress" }
  | { does: "wait"; ms: number };

interface Plan {
  deeds: Deed[];
  heedsSignal: boolean;
  hangsOnReturn: boolean;
  stream: boolean;
  timeoutMs: number | undefined;
  startsAtMs: number;
  abortsAtMs: number | undefined;
  /** How many events the reader takes before it stops, and how long it thinks about each. */
  reads: number;
  thinksMs: number;
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Deed>({ does: "text" }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), ms: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("garbage", "finish", "throw", "hang", "progress")
      .map((does): Deed => ({ does }) as Deed),
  },
);
const maybe = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { nil: undefined });
const plan: fc.Arbitrary<Plan> = fc.record({
  deeds: fc
    .tuple(fc.array(deed, { maxLength: 6 }), fc.boolean())
    .map(([deeds, ends]) => (ends ? [...deeds, { does: "finish" as const }] : deeds)),
  heedsSignal: fc.boolean(),
  hangsOnReturn: fc.boolean(),
  stream: fc.boolean(),
  timeoutMs: maybe(60),
  startsAtMs: fc.nat(30),
  abortsAtMs: maybe(60),
  reads: fc.nat(8),
  thinksMs: fc.nat(20),
});
const setting = fc.record({
  plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
  layers: fc.shuffledSubarray(["trace", "deadline", "prepare", "limit", "timeout"] as const),
  timeouts: fc.record({ firstTokenMs: maybe(50), idleMs: maybe(50), totalMs: maybe(50) }),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.nat(2),
});

/** After that long whatever still hangs is aborted. */
const patienceMs = 100;
let handlerTimers = 0;

beforeEach(() => {
  useFakeClock();
  handlerTimers = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

/** A timer of the test's own, so that those of the pipeline can be told apart. */
function wait(ms: number): Promise<void> {
  handlerTimers++;
  return new Promise((resolve) =>
    setTimeout(() => {
      handlerTimers--;
      resolve();
    }, ms),
  );
}

/** Does as planned; the text of each event says the how manieth it is. */
async function* act(
  { deeds, heedsSignal, hangsOnReturn }: Plan,
  { signal, progress }: CallContext,
): AsyncGenerator<AnyEvent> {
  let made = 0;
  try {
    for (const each of deeds) {
      if (heedsSignal) signal.throwIfAborted();
      if (each.does === "text") yield delta(String(made++));
      else if (each.does === "finish") yield finish;
      else if (each.does === "garbage") yield "garbage" as never;
      else if (each.does === "throw") throw "thrown";
      else if (each.does === "hang") await never();
      else if (each.does === "wait") await wait(each.ms);
      else progress({ phase: "prompt", doneTokens: made, totalTokens: 9 });
    }
  } finally {
    if (hangsOnReturn) await never();
  }
}

interface Story {
  readonly call: FakeCall;
  readonly events: AnyEvent[];
  readonly outcomes: Outcome[];
  /** How it ended for the caller: read to its end, given up, an error's code. */
  told: string | undefined;
}

async function live(
  { stream, timeoutMs, startsAtMs, abortsAtMs, reads, thinksMs }: Plan,
  call: FakeCall,
  pipeline: Next,
): Promise<Story> {
  const story: Story = { call, events: [], outcomes: [], told: undefined };
  await wait(startsAtMs);
  void wait(abortsAtMs ?? patienceMs).then(() => {
    // An abort takes listeners away, so it must not come after the end: then they should be gone already.
    if (story.told === undefined) call.controller.abort(new Error("gave up"));
  });
  try {
    const reply = await pipeline({ ...call, stream, timeoutMs });
    reply.onEnd(({ outcome }) => story.outcomes.push(outcome));
    if (reply.events === undefined) {
      const { text } = reply.result as { text: string };
      story.events.push(...[...text].map((each) => delta(each)), finish);
      story.told = "end";
      return story;
    }
    for (let read = 0; read < reads; read++) {
      await wait(thinksMs);
      const step = await reply.events.next();
      if (step.done === true) {
        story.told = "end";
        return story;
      }
      story.events.push(step.value);
    }
    await reply.events.return!();
    story.told = "gave up";
  } catch (error) {
    story.told = isModelyardError(error) ? error.code : "foreign error";
  }
  return story;
}

/** What is wrong with a story; nothing, one hopes. */
function faultsOf({ call, events, outcomes, told }: Story, { stream }: Plan): string[] {
  const texts = events.flatMap((each) => ("text" in each ? [each.text] : []));
  const finishes = events.filter(({ type }) => type === "finish").length;
  const faults = {
    "text out of order": texts.some((text, place) => text !== String(place)),
    "an event after the finish": finishes > 0 && events.at(-1)?.type !== "finish",
    "more than one finish": finishes > 1,
    "read to its end without a finish": told === "end" && finishes !== 1,
    "no end for the caller": told === undefined,
    "ended more than once": outcomes.length > 1,
    "begun and never ended":
      outcomes.length === 0 && (told === "end" || (stream && texts.length > 0)),
    "an error that is none of ours": told === "foreign error",
    "a listener left behind": getEventListeners(call.signal, "abort").length > 0,
  };
  return Object.entries(faults).flatMap(([fault, found]) => (found ? [fault] : []));
}

it("whatever happens, text keeps its order, each answer ends once, and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(setting, async ({ plans, layers, timeouts, maxConcurrent, maxQueue }) => {
      const traced: string[] = [];
      const available: Record<(typeof layers)[number], Middleware> = {
        trace: trace(({ id }) => traced.push(id)),
        deadline,
        prepare,
        limit,
        timeout,
      };
      const pipeline = compose(
        layers.map((name) => available[name]),
        execute,
      );
      const handler: AnyHandler = (request, context) => act(request as Plan, context);
      const backend = createFakeBackend(handler, { timeouts, maxConcurrent, maxQueue });
      const send = (request: Plan, index: number) =>
        live(request, createFakeCall(backend, { id: String(index), request, handler }), pipeline);

      const living = Promise.all(plans.map(send));
      await vi.advanceTimersByTimeAsync(1000);
      const stories = await living;

      expect(stories.flatMap((story, index) => faultsOf(story, plans[index]!))).toEqual([]);
      expect(new Set(traced).size).toBe(traced.length);
      expect(layers[0] !== "trace" || traced.length === plans.length).toBe(true);
      expect(backend.held).toBe(0);
      expect(vi.getTimerCount()).toBe(handlerTimers);

      // Every place is free again: as many as may run do so at once.
      const brief: Plan = { ...plans[0]!, deeds: [{ does: "finish" }], stream: true };
      const probes = Array.from({ length: maxConcurrent }, () =>
        createFakeCall(backend, { request: brief, handler }),
      );
      const replies = Promise.all(probes.map(pipeline));
      await vi.advanceTimersByTimeAsync(1000);
      for (const { events } of await replies) await events!.return!();
      expect(probes.flatMap(({ progressed }) => progressed)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
