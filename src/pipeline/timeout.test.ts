import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallContext } from "../contract/backend.ts";
import { embedding } from "../contract/capabilities/embedding.ts";
import type { AnyHandler } from "../contract/capability.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  never,
  readReply,
  yielding,
  type FakeCall,
} from "./__fixtures__/fake-call.ts";
import { useFakeClock } from "./__fixtures__/fake-clock.ts";
import type { Call, Timeouts } from "./call.ts";
import { createPipeline } from "./pipeline.ts";
import { createPlaces } from "./places.ts";

beforeEach(() => {
  useFakeClock();
});

afterEach(() => {
  const left = vi.getTimerCount();
  vi.useRealTimers();
  if (left > 0) throw new Error(`${left} timers are left behind.`);
});

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Sends a call through the whole pipeline; `at` tells what became of it by then. */
function send(handler: AnyHandler, timeouts: Timeouts, overrides: Partial<Call> = {}) {
  const backend = createFakeBackend(handler, { timeouts, maxConcurrent: 1, maxQueue: 0 });
  const call: FakeCall = createFakeCall(backend, overrides);
  let begun = "waiting";
  const reply = createPipeline()(call);
  reply.then(
    () => (begun = "begun"),
    (error: { code: string }) => (begun = error.code),
  );
  return {
    reply,
    call,
    backend,
    async at(ms: number) {
      await vi.advanceTimersByTimeAsync(ms);
      return begun;
    },
  };
}

const silent: AnyHandler = async function* () {
  yield await never();
};

const loading: AnyHandler = async function* (_, context: CallContext) {
  context.progress({ phase: "load", model: "tiny" });
  yield await never();
};

const silentAfterOne: AnyHandler = async function* () {
  yield delta("a");
  await never();
};

describe("timeout", () => {
  it("ends a try that does not begin, and says which limit it was", async () => {
    const { reply, at, backend, call } = send(silent, { firstTokenMs: 100 });
    expect(await at(99)).toBe("waiting");
    expect(await at(1)).toBe("timeout");
    await expect(reply).rejects.toMatchObject({
      message: "fake gave no answer for 100 ms.",
      details: { limit: "try", timeoutMs: 100 },
    });
    expect(backend.held).toBe(0);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it("waits longer for a backend that tells progress", async () => {
    const { at } = send(
      async function* (_: never, { progress }: CallContext) {
        for (let round = 0; round < 3; round++) {
          await after(80);
          progress({ phase: "prompt", doneTokens: round, totalTokens: 3 });
        }
        await never();
        yield finish;
      },
      { firstTokenMs: 100 },
    );
    expect(await at(339)).toBe("waiting");
    expect(await at(1)).toBe("timeout");
  });

  it("ends a try that falls silent while it is asked for more", async () => {
    const { reply, at } = send(silentAfterOne, { idleMs: 100 });
    const reading = reply.then(readReply);
    await at(100);
    expect(await reading).toMatchObject({
      events: [delta("a")],
      thrown: { code: "timeout", message: "fake has been silent for 100 ms." },
      outcomes: ["timeout"],
    });
  });

  it("does not take a slow reader for a silent backend", async () => {
    const { reply, at } = send(yielding(delta("a"), delta("b"), finish), { idleMs: 100 });
    const { events } = await reply;
    const read = [];
    for (let count = 0; count < 3; count++) {
      await at(1000);
      read.push((await events!.next()).value);
    }
    expect(read).toEqual([delta("a"), delta("b"), finish]);
  });

  it("lets no progress after the end start a timer again", async () => {
    let context: CallContext | undefined;
    const { at } = send(
      async function* (_: never, given: CallContext) {
        context = given;
        await never();
        yield finish;
      },
      { firstTokenMs: 100 },
    );
    expect(await at(100)).toBe("timeout");
    context!.progress({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends a try that takes too long in all, and releases what it held though nobody reads", async () => {
    const { reply, at, backend } = send(
      async function* () {
        for (;;) yield delta("a");
      },
      { totalMs: 100 },
    );
    const { events } = await reply;
    expect(backend.held).toBe(1);
    await at(100);
    expect(backend.held).toBe(0);
    expect(await events!.next()).toEqual({ done: false, value: delta("a") });
    await expect(events!.next()).rejects.toMatchObject({
      code: "timeout",
      message: "fake has been at work for 100 ms.",
    });
  });

  it("holds a plain answer to the total, and to no first token", async () => {
    const { at } = send(
      () => never(),
      { firstTokenMs: 10, totalMs: 100 },
      { capability: embedding, stream: false },
    );
    expect(await at(99)).toBe("waiting");
    expect(await at(1)).toBe("timeout");
  });
});

describe("deadline", () => {
  it("is an error before the first event", async () => {
    const { reply, at, backend, call } = send(silent, {}, { timeoutMs: 100 });
    expect(await at(99)).toBe("waiting");
    expect(await at(1)).toBe("timeout");
    await expect(reply).rejects.toMatchObject({
      details: { limit: "call", timeoutMs: 100 },
      backend: "fake",
      model: "tiny",
    });
    expect(backend.held).toBe(0);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it("says what the call was waiting for", async () => {
    const { reply, at } = send(loading, {}, { timeoutMs: 100 });
    await at(100);
    await expect(reply).rejects.toMatchObject({
      message: "The call took longer than its limit of 100 ms; the model was still being loaded.",
    });
  });

  it.each([
    ["streamed", true],
    ["collected", false],
  ])("ends an answer that has begun with what is there (%s)", async (_, stream) => {
    const { reply, at, backend } = send(silentAfterOne, {}, { timeoutMs: 100, stream });
    const reading = reply.then<object>((begun) => (stream ? readReply(begun) : begun));
    await at(100);
    const cut = { type: "finish", reason: "timeout", usage: {} };
    expect(await reading).toMatchObject(
      stream
        ? { events: [delta("a"), cut], outcomes: ["timeout"] }
        : { result: { text: "a", finishReason: "timeout", usage: {} } },
    );
    expect(backend.held).toBe(0);
  });

  it("releases what the call held though nobody reads, and ends the text when somebody does", async () => {
    const { reply, at, backend } = send(silentAfterOne, {}, { timeoutMs: 100 });
    const begun = await reply;
    await at(100);
    expect(backend.held).toBe(0);
    expect((await readReply(begun)).events.at(-1)).toMatchObject({ reason: "timeout" });
  });

  it("counts the time in the queue", async () => {
    const first = send(silent, {});
    const { backend } = first;
    const pipeline = createPipeline();
    const places = {
      ...backend,
      places: createPlaces({ name: "fake", maxConcurrent: 1, maxQueue: 1 }),
    };
    const [running, waiting] = [createFakeCall(places), createFakeCall(places, { timeoutMs: 100 })];
    const answers = Promise.allSettled([pipeline(running), pipeline(waiting)]);
    await first.at(100);
    running.controller.abort();
    first.call.controller.abort();
    expect(await answers).toMatchObject([
      { reason: { code: "cancelled" } },
      { reason: { code: "timeout" } },
    ]);
  });

  it.each([2 ** 31, 1e12, Number.POSITIVE_INFINITY])(
    "of %d ms, more than a timer counts, does not end a call at once",
    async (timeoutMs) => {
      const { call, at } = send(silent, {}, { timeoutMs });
      expect(await at(1000)).toBe("waiting");
      call.controller.abort();
      await at(0);
    },
  );
});
