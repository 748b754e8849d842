import { createSecrets } from "../../contract/http/secrets.ts";
import { chat } from "../../contract/capabilities/chat.ts";
import type { AnyEvent, AnyHandler } from "../../contract/capability.ts";
import type { Progress } from "../../contract/progress.ts";
import type { Call, Outcome, Reply, TargetBackend } from "../call.ts";

export interface FakeBackend extends TargetBackend {
  /** Models that calls hold in memory at the moment. */
  held: number;
  readonly complaints: string[];
}

/** A backend whose model is ready at once and answers with `handler`. */
export function createFakeBackend(
  handler: AnyHandler,
  overrides: Partial<TargetBackend> = {},
): FakeBackend {
  const complaints: string[] = [];
  const backend: FakeBackend = {
    name: "fake",
    timeouts: {},
    maxConcurrent: 64,
    maxQueue: 1000,
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
  return {
    id: "call-1",
    capability: chat,
    request: { messages: [] },
    target: { backend: backend.name, model: "tiny" },
    backend,
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
  reply.onEnd((outcome) => outcomes.push(outcome));
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
