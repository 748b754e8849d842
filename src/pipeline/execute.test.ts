import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { CallContext } from "../contract/backend.ts";
import { embedding } from "../contract/capabilities/embedding.ts";
import type { AnyHandler } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { LimitedFetch } from "../contract/http/limited-fetch.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  never,
  readReply,
  settle,
  yielding,
  type FakeCall,
} from "./__fixtures__/fake-call.ts";
import type { Call } from "./call.ts";
import { execute } from "./execute.ts";

function callOf(handler: AnyHandler, overrides: Partial<Call> = {}): FakeCall {
  return createFakeCall(createFakeBackend(handler), { handler, ...overrides });
}

function deadlineError(): ModelyardError {
  return new ModelyardError("timeout", "Too late.", { details: { limit: "call" } });
}

const disturbed = (() => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => ({ done: false, value: delta("a") }),
    return: () => Promise.reject(new Error("disturbed")),
  }),
})) as never as AnyHandler;

const failingAtOnce = (() => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("no")) }),
})) as never as AnyHandler;

it("gives up an answer without an end that nobody streams, and stops it", async () => {
  let stopped = false;
  const text = "x".repeat(1024 * 1024);
  const endless: AnyHandler = async function* () {
    try {
      for (;;) yield delta(text);
    } finally {
      stopped = true;
    }
  };
  await expect(execute(callOf(endless, { stream: false }))).rejects.toMatchObject({
    code: "invalid-response",
    message: expect.stringContaining("64 Mi characters"),
  });
  await settle();
  expect(stopped).toBe(true);
});

describe("a stream", () => {
  it.each<[string, AnyHandler, object[], string | undefined]>([
    [
      "gives its events in order",
      yielding(delta("a"), delta("b"), finish),
      [delta("a"), delta("b"), finish],
      undefined,
    ],
    ["may be nothing but its finish", yielding(finish), [finish], undefined],
    [
      "ends at its finish, whatever the handler yields after it",
      yielding(delta("a"), finish, delta("b"), finish),
      [delta("a"), finish],
      undefined,
    ],
    [
      "that stops without a finish broke off",
      yielding(delta("a")),
      [delta("a")],
      "stream-interrupted",
    ],
    [
      "that yields what is no event ends there",
      yielding(delta("a"), "b"),
      [delta("a")],
      "invalid-response",
    ],
    [
      "fails with the handler's own error",
      async function* () {
        yield delta("a");
        throw new ModelyardError("content-filtered", "Not that.");
      },
      [delta("a")],
      "content-filtered",
    ],
    [
      "fails with a string thrown",
      async function* () {
        yield delta("a");
        throw "a string";
      },
      [delta("a")],
      "backend-error",
    ],
    [
      "has ended well when the handler fails after its finish",
      async function* () {
        yield finish;
        throw new Error("too late to matter");
      },
      [finish],
      undefined,
    ],
  ])("%s", async (_, handler, events, code) => {
    const call = callOf(handler);
    const read = await readReply(await execute(call));
    expect(read.events).toEqual(events);
    expect(read.outcomes).toEqual([code ?? "done"]);
    expect((read.thrown as ModelyardError | undefined)?.code).toBe(code);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it.each<[string, AnyHandler, string]>([
    ["yields nothing", yielding(), "invalid-response"],
    ["yields nothing that is an event", yielding(undefined), "invalid-response"],
    ["gives no stream", (async () => "text") as AnyHandler, "invalid-response"],
    ["gives nothing at all", (() => undefined) as never, "invalid-response"],
    ["fails before its first event", failingAtOnce, "backend-error"],
    [
      "throws where it stands",
      () => {
        throw "no";
      },
      "backend-error",
    ],
    [
      "gives an iterator whose next throws",
      (() => ({
        [Symbol.asyncIterator]: () => ({
          next() {
            throw new Error("no");
          },
        }),
      })) as never,
      "backend-error",
    ],
  ])("has not begun where the handler %s", async (_, handler, code) => {
    const call = callOf(handler);
    await expect(execute(call)).rejects.toMatchObject({ code, backend: "fake", model: "tiny" });
    expect(call.signal.aborted).toBe(true);
  });

  it("asks the handler for an event only when its reader asks", async () => {
    let made = 0;
    const { events } = await execute(
      callOf(async function* () {
        for (;;) yield delta(String(made++));
      }),
    );
    await settle();
    expect(made).toBe(1);
    await events!.next();
    await events!.next();
    await settle();
    expect(made).toBe(2);
    await events!.return!();
  });

  it("lets the handler run to its end after the finish, though nobody reads on", async () => {
    let cleaned = false;
    const { events } = await execute(
      callOf(async function* () {
        yield finish;
        cleaned = true;
      }),
    );
    expect(await events!.next()).toEqual({ done: false, value: finish });
    await settle();
    expect(cleaned).toBe(true);
  });

  it("stops the handler when its reader stops, and is then at its end", async () => {
    let signal: AbortSignal | undefined;
    let cleaned = false;
    const call = callOf(async function* (_: never, context: CallContext) {
      signal = context.signal;
      try {
        for (;;) yield delta("a");
      } finally {
        cleaned = true;
      }
    });
    const reply = await execute(call);
    const outcomes: string[] = [];
    reply.onEnd(({ outcome }) => outcomes.push(outcome));
    for await (const event of reply.events!) if (event.type === "text-delta") break;
    await settle();
    expect(outcomes).toEqual(["abandoned"]);
    expect(cleaned).toBe(true);
    expect(signal?.aborted).toBe(true);
    expect(await reply.events!.next()).toEqual({ done: true, value: undefined });
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it("lets a reader go who waits for an event that never comes", async () => {
    const call = callOf(async function* () {
      yield delta("a");
      await never();
    });
    const { events } = await execute(call);
    await events!.next();
    const waiting = events!.next();
    await events!.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it("refuses a second reader, and goes on for the first", async () => {
    const { events } = await execute(callOf(yielding(delta("a"), finish)));
    await events!.next();
    const waiting = events!.next();
    await expect(events!.next()).rejects.toMatchObject({ code: "internal" });
    expect((await waiting).value).toEqual(finish);
  });

  it.each([
    [
      "heeds",
      async function* (_: never, { signal }: CallContext) {
        yield delta("a");
        await new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    ],
    [
      "ignores",
      async function* () {
        yield delta("a");
        await never();
      },
    ],
  ])("ends when it is aborted, where the handler %s its signal", async (_, handler) => {
    const call = callOf(handler as AnyHandler);
    const reply = await execute(call);
    const reading = readReply(reply);
    await settle();
    call.controller.abort(new Error("the user left"));
    const { events, thrown, outcomes } = await reading;
    expect(events).toEqual([delta("a")]);
    expect(thrown).toMatchObject({ code: "cancelled", backend: "fake" });
    expect(outcomes).toEqual(["cancelled"]);
  });

  it("is over at once when it is aborted while nobody reads; the reader learns of it later", async () => {
    const call = callOf(async function* () {
      for (;;) yield delta("a");
    });
    const reply = await execute(call);
    const outcomes: string[] = [];
    reply.onEnd(({ outcome }) => outcomes.push(outcome));
    call.abort(deadlineError());
    expect(outcomes).toEqual(["timeout"]);
    const { events } = await readReply(reply);
    expect(events).toEqual([delta("a"), { type: "finish", reason: "timeout", usage: {} }]);
  });

  it("is never started where the signal aborts while the handler is called", async () => {
    let started = false;
    const call = callOf((() => {
      call.controller.abort();
      return (async function* () {
        started = true;
        yield finish;
      })();
    }) as AnyHandler);
    await expect(execute(call)).rejects.toMatchObject({ code: "cancelled" });
    expect(started).toBe(false);
  });

  it("hangs nobody where the handler hangs on being stopped", async () => {
    const call = callOf(async function* () {
      try {
        for (;;) yield delta("a");
      } finally {
        await never();
      }
    });
    const { events } = await execute(call);
    expect(await events!.return!()).toEqual({ done: true, value: undefined });
  });

  it("logs, and tells nobody, what the handler says on being stopped", async () => {
    const backend = createFakeBackend(disturbed);
    const { events } = await execute(createFakeCall(backend, { handler: disturbed }));
    await events!.return!();
    await settle();
    expect(backend.complaints).toEqual(["fake: disturbed (after the end of call-1)"]);
  });
});

describe("a collected answer", () => {
  it("is all the events as one result", async () => {
    const call = callOf(yielding(delta("a"), delta("b"), finish), { stream: false });
    const { result } = await execute(call);
    expect(result).toEqual({ text: "ab", finishReason: "stop", usage: {} });
  });

  it("that a deadline cut is what was there, and says so", async () => {
    const call = callOf(
      async function* () {
        yield delta("a");
        await never();
      },
      { stream: false },
    );
    const answer = execute(call);
    await settle();
    call.abort(deadlineError());
    const reply = await answer;
    const outcomes: string[] = [];
    reply.onEnd(({ outcome }) => outcomes.push(outcome));
    expect(reply.result).toEqual({ text: "a", finishReason: "timeout", usage: {} });
    expect(outcomes).toEqual(["timeout"]);
  });

  it("that a deadline cut before its first event is an error", async () => {
    const call = callOf(
      async function* () {
        yield await never();
      },
      { stream: false },
    );
    const answer = execute(call);
    await settle();
    call.abort(deadlineError());
    await expect(answer).rejects.toMatchObject({ code: "timeout" });
  });
});

describe("a plain answer", () => {
  const plain = { capability: embedding, stream: false };

  it("is collected", async () => {
    const call = callOf(async () => ({ embeddings: [[1, 0]], usage: {} }), plain);
    expect((await execute(call)).result).toEqual({
      embeddings: [[1, 0]],
      usage: {},
      dimensions: 2,
    });
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it.each([undefined, "text", {}])("of another shape (%j) is refused", async (output) => {
    await expect(execute(callOf(async () => output, plain))).rejects.toMatchObject({
      code: "invalid-response",
    });
  });

  it("is not waited for once the signal aborts, though the handler ignores it", async () => {
    const call = callOf(() => never(), plain);
    const answer = execute(call);
    call.controller.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it("is not waited for where the signal aborts while the handler is called", async () => {
    const call: FakeCall = callOf(() => {
      call.controller.abort();
      return never();
    }, plain);
    await expect(execute(call)).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a handler's context", () => {
  it("warns once of one thing, and reaches nobody after the end", async () => {
    let context: CallContext | undefined;
    const call = callOf(
      async (_: never, given: CallContext) => {
        context = given;
        given.warn("seed dropped");
        given.warn("seed dropped");
        given.progress({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
        return { embeddings: [], usage: {} };
      },
      { capability: embedding, stream: false },
    );
    await execute(call);
    context!.warn("late");
    context!.progress({ phase: "prompt", doneTokens: 2, totalTokens: 2 });
    expect(call.warnings).toEqual(["seed dropped"]);
    expect(call.progressed).toHaveLength(1);
  });

  it("fetches with the call's signal, and with the handler's own", async () => {
    const signals: AbortSignal[] = [];
    const own = new AbortController();
    const handler: AnyHandler = async (_, context) => {
      await context.fetch("http://127.0.0.1/");
      await context.fetch("http://127.0.0.1/", { signal: own.signal });
      return { embeddings: [], usage: {} };
    };
    const fetch = async (_: unknown, init?: RequestInit) => {
      signals.push(init!.signal!);
      return new Response();
    };
    const backend = createFakeBackend(handler, { fetch });
    const call = createFakeCall(backend, { handler, capability: embedding, stream: false });
    await execute(call);
    own.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    call.controller.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it("fetches within the call's privacy; what comes in one piece is held to the limits on a late answer and on silence", async () => {
    const given: unknown[] = [];
    const fetch: LimitedFetch = async (_, __, limits) => {
      given.push(limits);
      return new Response();
    };
    const backend = createFakeBackend(widening, {
      fetch,
      timeouts: { firstTokenMs: 60_000, idleMs: 30_000 },
    });
    const plain = {
      handler: widening,
      capability: embedding,
      stream: false,
      privacy: "network",
    } as const;
    await execute(createFakeCall(backend, plain));
    await execute(createFakeCall(backend, { ...plain, timeouts: { idleMs: 5 } }));
    expect(given).toEqual([
      { widest: "network", headersMs: 60_000, idleMs: 30_000 },
      { widest: "network", headersMs: 60_000, idleMs: 5 },
    ]);
  });
});

/** It would go further than it is held to, and can't. */
async function widening(_: unknown, context: CallContext): Promise<object> {
  await (context.fetch as LimitedFetch)("http://127.0.0.1/", {}, { widest: "remote" });
  return { embeddings: [], usage: {} };
}
