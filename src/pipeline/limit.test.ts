import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createFakeBackend, createFakeCall, settle, yielding } from "./__fixtures__/fake-call.ts";
import { attempt } from "./attempt.ts";
import type { Call, EndListener, Next, Outcome } from "./call.ts";
import { limit as guard } from "./limit.ts";
import { oneTry } from "./one-try.ts";
import type { TriedStep } from "./story.ts";

const limit = oneTry([guard]);

/** Calls through one limit, to end when the test says so. */
function createBench({ maxConcurrent = 1, maxQueue = 10 }) {
  const backend = createFakeBackend(yielding(), { maxConcurrent, maxQueue });
  const running: { id: string; end(outcome?: Outcome): void }[] = [];
  const next: Next = async ({ id, target }: Call) => {
    if (id === "broken") throw new Error("broken");
    const listeners: EndListener[] = [];
    running.push({
      id,
      end(outcome = "done") {
        running.splice(
          running.findIndex((each) => each.id === id),
          1,
        );
        for (const listener of listeners) listener({ outcome });
      },
    });
    return { target, onEnd: (listener) => void listeners.push(listener) };
  };
  return {
    backend,
    running,
    ids: () => running.map(({ id }) => id),
    start(id: string) {
      const call = createFakeCall(backend, { id });
      const answer = limit(call, next);
      answer.catch(() => {});
      return { ...call, answer };
    },
  };
}

describe("limit", () => {
  it("lets as many run as there are places, and the rest in order, until each reply has ended", async () => {
    const bench = createBench({ maxConcurrent: 2 });
    for (const id of ["a", "b", "c", "d"]) bench.start(id);
    await settle();
    expect(bench.ids()).toEqual(["a", "b"]);
    bench.running[1]!.end();
    await settle();
    expect(bench.ids()).toEqual(["a", "c"]);
    bench.running[0]!.end("abandoned");
    await settle();
    expect(bench.ids()).toEqual(["c", "d"]);
  });

  it("lets nobody overtake the queue", async () => {
    const bench = createBench({});
    bench.start("a");
    bench.start("b");
    await settle();
    bench.running[0]!.end();
    bench.start("c");
    await settle();
    expect(bench.ids()).toEqual(["b"]);
  });

  it("tells those who wait their place, each time it changes", async () => {
    const bench = createBench({});
    bench.start("a");
    const b = bench.start("b");
    const c = bench.start("c");
    await settle();
    bench.running[0]!.end();
    await settle();
    expect(b.progressed).toEqual([{ phase: "queue", position: 1 }]);
    expect(c.progressed).toEqual([
      { phase: "queue", position: 2 },
      { phase: "queue", position: 1 },
    ]);
  });

  it("refuses who finds the queue full, and says what to raise", async () => {
    const bench = createBench({ maxQueue: 1 });
    bench.start("a");
    bench.start("b");
    await expect(bench.start("c").answer).rejects.toMatchObject({
      code: "overloaded",
      backend: "fake",
      model: "tiny",
      remedy: expect.stringContaining("maxQueue"),
    });
  });

  it("lets one who waits leave: those behind move up, and nothing is left of it", async () => {
    const bench = createBench({});
    bench.start("a");
    const b = bench.start("b");
    const c = bench.start("c");
    await settle();
    b.controller.abort();
    await expect(b.answer).rejects.toMatchObject({ code: "cancelled" });
    expect(c.progressed.at(-1)).toEqual({ phase: "queue", position: 1 });
    bench.running[0]!.end();
    await settle();
    expect(bench.ids()).toEqual(["c"]);
    expect(getEventListeners(b.signal, "abort")).toEqual([]);
    expect(getEventListeners(c.signal, "abort")).toEqual([]);
  });

  it("takes no place for one who gave up before", async () => {
    const bench = createBench({});
    bench.start("a");
    const b = bench.start("b");
    b.controller.abort();
    const late = createFakeCall(bench.backend);
    late.controller.abort();
    await expect(limit(late, async () => expect.unreachable())).rejects.toMatchObject({
      code: "cancelled",
    });
    bench.running[0]!.end();
    await settle();
    expect(bench.ids()).toEqual([]);
  });

  it("gives the place back when a call fails before it begins", async () => {
    const bench = createBench({});
    await expect(bench.start("broken").answer).rejects.toThrow("broken");
    bench.start("a");
    await settle();
    expect(bench.ids()).toEqual(["a"]);
  });

  it("counts each backend by itself", async () => {
    const reply = { target: { backend: "fake", model: "tiny" }, onEnd() {} };
    const calls = [1, 2].map(() =>
      createFakeCall(createFakeBackend(yielding(), { maxConcurrent: 1, maxQueue: 0 })),
    );
    expect(await Promise.all(calls.map((call) => limit(call, async () => reply)))).toEqual([
      reply,
      reply,
    ]);
  });

  describe("in a call's story", () => {
    const send = (bench: ReturnType<typeof createBench>, id: string, aborted = false) => {
      const call = createFakeCall(bench.backend, { id });
      if (aborted) call.controller.abort();
      const answer = oneTry([attempt, guard])(call, async ({ target }) => ({
        target,
        onEnd: (listener) => listener(done),
      }));
      answer.catch(() => {});
      return { call, answer };
    };
    const done = { outcome: "done" } as const;

    it("is told how long a try was queued, which is no part of how long its target took", async () => {
      const bench = createBench({});
      bench.start("a");
      const { call, answer } = send(bench, "b");
      await new Promise((resolve) => setTimeout(resolve, 30));
      bench.running[0]!.end();
      await answer;
      const [step] = call.story.steps;
      expect(step).toMatchObject({ did: "tried", queuedMs: expect.any(Number), outcome: "done" });
      const { queuedMs = 0, atMs, endedMs = 0 } = step as TriedStep;
      expect(bench.backend.records.of("tiny")?.latencyMs).toBeCloseTo(endedMs - atMs - queuedMs, 5);
    });

    it("counts who finds the queue full, leaves it, or had gone before, as not tried", async () => {
      const bench = createBench({ maxQueue: 1 });
      bench.start("a");
      const leaving = send(bench, "b");
      const late = send(bench, "c");
      await expect(late.answer).rejects.toMatchObject({ code: "overloaded" });
      const gone = send(bench, "d", true);
      await expect(gone.answer).rejects.toMatchObject({ code: "cancelled" });
      leaving.call.controller.abort();
      await expect(leaving.answer).rejects.toMatchObject({ code: "cancelled" });
      expect([late, gone, leaving].map(({ call }) => call.story)).toMatchObject([
        { attempts: 0, steps: [{ did: "skipped", reason: "its queue is full" }] },
        { attempts: 0, steps: [{ did: "skipped", reason: "it was given up before" }] },
        {
          attempts: 0,
          steps: [{ did: "skipped", reason: expect.stringContaining("in the queue") }],
        },
      ]);
    });
  });
});
