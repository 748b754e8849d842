import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallContext } from "../contract/backend.ts";
import type { AnyEvent, AnyHandler } from "../contract/capability.ts";
import { isModelyardError, ModelyardError, type ErrorCode } from "../contract/errors.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  never,
  type FakeCall,
} from "./__fixtures__/fake-call.ts";
import { useFakeClock } from "./__fixtures__/fake-clock.ts";
import { attempt } from "./attempt.ts";
import type { Guard, Middleware, Next, Outcome } from "./call.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { compose } from "./compose.ts";
import { deadline } from "./deadline.ts";
import { execute } from "./execute.ts";
import { fallback } from "./fallback.ts";
import { limit } from "./limit.ts";
import { oneTry } from "./one-try.ts";
import { prepare } from "./prepare.ts";
import { privacy } from "./privacy.ts";
import { retry } from "./retry.ts";
import { timeout } from "./timeout.ts";
import { trace } from "./trace.ts";

/** One thing that a handler does. */
type Deed =
  | { does: "text" | "garbage" | "finish" | "throw" | "hang" | "progress" }
  | { does: "wait"; ms: number }
  | { does: "fail"; code: ErrorCode; retryAfterMs: number | undefined };

interface Plan {
  /** What is done in each try, whatever target it is sent to; the last one again in all that follow. */
  tries: Deed[][];
  heedsSignal: boolean;
  hangsOnReturn: boolean;
  stream: boolean;
  timeoutMs: number | undefined;
  startsAtMs: number;
  abortsAtMs: number;
  /** How many events the reader takes before it stops, and how long it thinks about each. */
  reads: number;
  thinksMs: number;
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Deed>({ does: "text" }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), ms: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("fail" as const),
      code: fc.constantFrom<ErrorCode>(
        "backend-error",
        "backend-unavailable",
        "rate-limited",
        "context-length-exceeded",
        "invalid-request",
        "timeout",
      ),
      retryAfterMs: fc.option(fc.nat(40), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("garbage", "finish", "throw", "hang", "progress")
      .map((does): Deed => ({ does }) as Deed),
  },
);
const maybe = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { nil: undefined });
const deeds = fc
  .tuple(fc.array(deed, { maxLength: 6 }), fc.boolean())
  .map(([each, ends]): Deed[] => (ends ? [...each, { does: "finish" }] : each));
/** After the longest of these whatever still hangs is aborted. */
const patienceMs = [100, 1_000];
const plan: fc.Arbitrary<Plan> = fc.record({
  tries: fc.array(deeds, { minLength: 1, maxLength: 4 }),
  heedsSignal: fc.boolean(),
  hangsOnReturn: fc.boolean(),
  stream: fc.boolean(),
  timeoutMs: maybe(200),
  startsAtMs: fc.nat(30),
  abortsAtMs: fc.oneof(fc.nat(60), fc.constantFrom(...patienceMs)),
  reads: fc.nat(8),
  thinksMs: fc.nat(20),
});
const available = {
  trace: trace(),
  privacy,
  deadline,
  fallback,
  retry,
} satisfies Record<string, Middleware>;
const guards = { circuitBreaker, attempt, prepare, limit, timeout } satisfies Record<string, Guard>;

type GuardName = keyof typeof guards;
type LayerName = keyof typeof available | GuardName;

function isGuard(name: LayerName | undefined): name is GuardName {
  return name !== undefined && Object.hasOwn(guards, name);
}

/** Guards that follow each other stand before one try together, or each before one of its own. */
function toMiddleware(
  names: readonly LayerName[],
  together: boolean,
  own: Middleware,
): Middleware[] {
  const layers: Middleware[] = [];
  let waiting: Guard[] = [];
  for (const [index, name] of names.entries()) {
    if (!isGuard(name)) {
      layers.push(name === "trace" ? own : available[name]);
      continue;
    }
    waiting.push(guards[name]);
    if (together && isGuard(names[index + 1])) continue;
    layers.push(oneTry(waiting));
    waiting = [];
  }
  return layers;
}
const names: LayerName[] = [
  "trace",
  "privacy",
  "deadline",
  "fallback",
  "retry",
  "circuitBreaker",
  "attempt",
  "prepare",
  "limit",
  "timeout",
];
/** As they stand in the pipeline, some left out, or in any order. */
const layers: fc.Arbitrary<readonly LayerName[]> = fc.oneof(
  fc.constant(names),
  fc.subarray(names),
  fc.shuffledSubarray(names),
);
const setting = fc.record({
  plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
  layers,
  together: fc.boolean(),
  timeouts: fc.record({ firstTokenMs: maybe(50), idleMs: maybe(50), totalMs: maybe(50) }),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.nat(2),
  targets: fc.integer({ min: 1, max: 3 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  failures: fc.integer({ min: 1, max: 4 }),
  strategy: fc.constantFrom("ordered", "weighted", "fastest", "least-busy"),
});

let handlerTimers = 0;

beforeEach(() => {
  useFakeClock();
  handlerTimers = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
  { tries, heedsSignal, hangsOnReturn }: Plan,
  round: number,
  { signal, progress }: CallContext,
): AsyncGenerator<AnyEvent> {
  let made = 0;
  try {
    for (const each of tries[Math.min(round, tries.length - 1)]!) {
      if (heedsSignal) signal.throwIfAborted();
      if (each.does === "text") yield delta(String(made++));
      else if (each.does === "finish") yield finish;
      else if (each.does === "garbage") yield "garbage" as never;
      else if (each.does === "throw") throw "thrown";
      else if (each.does === "fail") throw new ModelyardError(each.code, "As planned.", each);
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
  void wait(abortsAtMs).then(() => {
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
    fc.asyncProperty(
      setting,
      async ({ plans, layers, together, targets, strategy, ...options }) => {
        const { timeouts, maxConcurrent, maxQueue, attempts, failures } = options;
        let clock = 0;
        let chance = 0;
        vi.spyOn(Math, "random").mockImplementation(() => (chance = (chance + 0.618) % 1));
        const traced: string[] = [];
        const own = trace(({ id }) => traced.push(id));
        const pipeline = compose(toMiddleware(layers, together, own), execute);
        const rounds = new Map<unknown, number>();
        const handler: AnyHandler = (request, context) => {
          const round = rounds.get(request) ?? 0;
          rounds.set(request, round + 1);
          return act(request as Plan, round, context);
        };
        const backends = Array.from({ length: targets }, (_, index) =>
          createFakeBackend(handler, {
            name: `fake ${index}`,
            timeouts,
            maxConcurrent,
            maxQueue,
            attempts,
            circuitBreaker: { failures, cooldownMs: 50, now: () => (clock += 1) },
          }),
        );
        const candidates = backends.map((backend) => ({
          target: { backend: backend.name, model: "tiny" },
          backend,
        }));
        const routing = { strategy, allowWider: false, fallbackOn: [] };
        const send = (request: Plan, index: number) => {
          const call = { id: String(index), request, handler, candidates, routing };
          return live(request, createFakeCall(backends[0]!, call), pipeline);
        };

        const living = Promise.all(plans.map(send));
        await vi.advanceTimersByTimeAsync(5_000);
        const stories = await living;

        expect(stories.flatMap((story, index) => faultsOf(story, plans[index]!))).toEqual([]);
        const ids = plans.map((_, index) => String(index));
        expect(layers[0] === "trace" ? traced.toSorted() : ids).toEqual(ids);
        expect(vi.getTimerCount()).toBe(handlerTimers);
        clock += 1_000_000;
        for (const { held, places, circuits } of backends) {
          expect({ held, running: places.running, waiting: places.waiting }).toEqual({
            held: 0,
            running: 0,
            waiting: 0,
          });
          // No call that has ended keeps others from finding out whether a target is back.
          expect([...circuits.all.values()].filter(({ refuses }) => refuses)).toEqual([]);
        }
      },
    ),
    { numRuns: 500 },
  );
});
