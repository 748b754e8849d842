import { createSecrets } from "../../contract/http/secrets.ts";
import { chat } from "../../contract/capabilities/chat.ts";
import type { AnyEvent, AnyHandler } from "../../contract/capability.ts";
import type { Progress } from "../../contract/progress.ts";
import { createCircuits, type CircuitOptions } from "../circuits.ts";
import type { Call, Outcome, Reply, TargetBackend } from "../call.ts";
import { createHandlersAtWork } from "../handlers-at-work.ts";
import { createPlaces } from "../places.ts";
import { createRetryBudget } from "../retry-budget.ts";
import { createStory } from "../story.ts";
import { createTargetRecords } from "../target-records.ts";

export interface FakeBackend extends TargetBackend {
  /** Models that calls hold in memory at the moment. */
  held: number;
  readonly complaints: string[];
}

export interface FakeBackendOptions extends Partial<TargetBackend> {
  readonly maxConcurrent?: number;
  readonly maxQueue?: number;
  readonly circuitBreaker?: Partial<CircuitOptions>;
}

/** A backend whose model is ready at once and answers with `handler`; nothing is tried twice unless `attempts` says so. */
export function createFakeBackend(
  handler: AnyHandler,
  { maxConcurrent = 64, maxQueue = 1000, circuitBreaker, ...overrides }: FakeBackendOptions = {},
): FakeBackend {
  const { name = "fake" } = overrides;
  const complaints: string[] = [];
  const backend: FakeBackend = {
    name,
    type: "fake",
    timeouts: {},
    attempts: 1,
    handlersAtWork: createHandlersAtWork(),
    places: createPlaces({ name, maxConcurrent, maxQueue }),
    circuits: createCircuits({
      failures: 1_000,
      failureRate: 1,
      cooldownMs: 30_000,
      ...circuitBreaker,
    }),
    retryBudget: createRetryBudget(),
    records: createTargetRecords(),
    privacyOf: () => "device",
    contextTokensOf: () => undefined,
    fetch: globalThis.fetch,
    secrets: createSecrets(),
    failed() {},
    log: { debug: (message) => complaints.push(message), info() {}, warn() {}, error() {} },
    held: 0,
    complaints,
    prepare() {
      backend.held++;
      return { handler, release: () => void backend.held-- };
    },
    ...overrides,
  };
  return backend;
}

export interface FakeCall extends Call {
  readonly controller: AbortController;
  readonly progressed: Progress[];
}

export function createFakeCall(
  backend: TargetBackend,
  overrides: Partial<Omit<Call, "backend" | "signal" | "abort">> = {},
): FakeCall {
  const controller = new AbortController();
  const progressed: Progress[] = [];
  const { target = { backend: backend.name, model: "tiny" } } = overrides;
  return {
    id: "call-1",
    capability: chat,
    request: { messages: [] },
    target,
    backend,
    candidates: [{ target, backend }],
    routing: { strategy: "ordered", allowWider: false, fallbackOn: [] },
    privacy: "remote",
    story: createStory(),
    stream: true,
    warnings: [],
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    progress: (event) => void progressed.push(event),
    controller,
    progressed,
    ...overrides,
  };
}

export const finish = { type: "finish", reason: "stop", usage: {} } as const;

export function delta(text: string): AnyEvent & { text: string } {
  return { type: "text-delta", text };
}

/** A handler that yields these, then ends. */
export function yielding(...events: unknown[]): AnyHandler {
  return async function* () {
    yield* events;
  };
}

/** All that a reader gets: the events, then how the stream ended for them and for those who hold something. */
export async function readReply(
  reply: Reply,
): Promise<{ events: AnyEvent[]; thrown?: unknown; outcomes: Outcome[] }> {
  const outcomes: Outcome[] = [];
  reply.onEnd(({ outcome }) => outcomes.push(outcome));
  const events: AnyEvent[] = [];
  try {
    for await (const event of reply.events!) events.push(event);
    return { events, outcomes };
  } catch (thrown) {
    return { events, thrown, outcomes };
  }
}

/** Lets everything that is ready to run do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A promise for the test to keep open; it never settles. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
