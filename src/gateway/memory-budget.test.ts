import { afterEach, describe, expect, it, vi } from "vitest";
import { createGate, settle } from "./__fixtures__/test-gateway.ts";
import { createMemoryBudget, type MemoryShare } from "./memory-budget.ts";

const quiet = new AbortController().signal;

/** A budget of 10 bytes; what happens to models is written down: `+a` came, `-a` was unloaded. */
function createBench({ idleMs = 900_000 } = {}) {
  const errors: unknown[] = [];
  const story: string[] = [];
  const budget = createMemoryBudget({
    budgetBytes: 10,
    idleMs,
    onError: (error) => errors.push(error),
  });
  const share = budget.share("engine");
  return {
    errors,
    story,
    budget,
    share,
    async load(
      model: string,
      bytes: number,
      { signal = quiet, unload = async () => {}, in: at = share as MemoryShare } = {},
    ) {
      await at.admit(
        model,
        {
          bytes,
          async unload() {
            await unload();
            story.push(`-${model}`);
          },
        },
        signal,
      );
      at.loaded(model);
      story.push(`+${model}`);
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("the memory budget", () => {
  it("lets the least recently used go first", async () => {
    const { share, load, story, budget } = createBench();
    for (const model of ["a", "b", "c"]) await load(model, 3);
    share.hold("a")();
    await load("d", 4);
    expect(story).toEqual(["+a", "+b", "+c", "-b", "+d"]);
    expect(budget.usedBytes).toBe(10);
    expect(["a", "b", "c", "d"].filter(share.has)).toEqual(["a", "c", "d"]);
  });

  it("lets as many go as are needed, and no more", async () => {
    const { load, story } = createBench();
    for (const model of ["a", "b", "c"]) await load(model, 3);
    await load("d", 7);
    expect(story.filter((line) => line.startsWith("-"))).toEqual(["-a", "-b"]);
  });

  it("never unloads what a call holds: who needs the room waits for it", async () => {
    const { share, load, story } = createBench();
    await load("a", 6);
    const release = share.hold("a");
    const waiting = load("b", 6);
    await settle();
    expect(story).toEqual(["+a"]);
    release();
    release();
    await waiting;
    expect(story).toEqual(["+a", "-a", "+b"]);
  });

  it("lets one who waits for room give up", async () => {
    const { share, load, budget } = createBench();
    await load("a", 6);
    share.hold("a");
    const controller = new AbortController();
    const waiting = load("b", 6, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    expect(budget.usedBytes).toBe(6);
  });

  it("refuses what would never fit, with the figures", async () => {
    const { load } = createBench();
    await expect(load("a", 11)).rejects.toMatchObject({
      code: "insufficient-memory",
      backend: "engine",
      model: "a",
      details: { neededBytes: 11, budgetBytes: 10 },
      remedy: expect.stringContaining("memory.budget"),
    });
  });

  it("counts what is leaving until it has left", async () => {
    const { load, story } = createBench();
    const gate = createGate();
    await load("a", 6, { unload: () => gate.promise });
    const waiting = load("b", 6);
    await settle();
    expect(story).toEqual(["+a"]);
    gate.open();
    await waiting;
    expect(story).toEqual(["+a", "-a", "+b"]);
  });

  it("loads a model again only once it has left", async () => {
    const { load, share, story } = createBench();
    const gate = createGate();
    await load("a", 6, { unload: () => gate.promise });
    void share.evict("a");
    const again = load("a", 6);
    await settle();
    expect(story).toEqual(["+a"]);
    gate.open();
    await again;
    expect(story).toEqual(["+a", "-a", "+a"]);
  });

  it("does not unload what is being loaded", async () => {
    const { share, load } = createBench();
    await share.admit("a", { bytes: 6, unload: async () => expect.unreachable() }, quiet);
    void load("b", 6);
    await settle();
    expect(share.has("a")).toBe(false);
    expect(share.has("b")).toBe(false);
  });

  it("keeps a model for the call that waits for its load, though others need the room", async () => {
    const { share, load, story } = createBench();
    const release = share.hold("a");
    await load("a", 6);
    const waiting = load("b", 6);
    await settle();
    expect(share.has("a")).toBe(true);
    release();
    await waiting;
    expect(story).toEqual(["+a", "-a", "+b"]);
  });

  it("sends others away when a model turns out larger than it was thought", async () => {
    const { share, load, story, budget } = createBench();
    await load("a", 4);
    await share.admit("b", { bytes: 4, unload: async () => {} }, quiet);
    share.loaded("b", 8);
    await settle();
    expect(story).toEqual(["+a", "-a"]);
    expect(budget.usedBytes).toBe(8);
  });

  it("takes a model that could not be unloaded for gone, and says so", async () => {
    const { load, errors, story } = createBench();
    const stuck = new Error("stuck");
    await load("a", 6, { unload: () => Promise.reject(stuck) });
    await load("b", 6);
    expect(story).toEqual(["+a", "+b"]);
    expect(errors).toEqual([stuck]);
  });

  it("unloads what idles, and leaves what is held or was used since", async () => {
    vi.useFakeTimers();
    const { share, load, story, budget } = createBench({ idleMs: 1000 });
    for (const model of ["a", "b", "c"]) await load(model, 3);
    share.hold("b");
    await vi.advanceTimersByTimeAsync(900);
    share.hold("c")();
    await vi.advanceTimersByTimeAsync(400);
    expect(story.slice(3)).toEqual(["-a"]);
    budget.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("forgets what is in memory no more, and those who wait get the room", async () => {
    const { share, load, story } = createBench();
    await load("a", 6);
    share.hold("a");
    const waiting = load("b", 6);
    await settle();
    share.forget();
    await waiting;
    expect(story).toEqual(["+a", "+b"]);
    expect(share.has("a")).toBe(false);
  });

  it("keeps apart two backends of one name, of which one takes the other's place", async () => {
    const { budget, share, load } = createBench();
    await load("a", 3);
    const next = budget.share("engine");
    expect(next.has("a")).toBe(false);
    await load("a", 3, { in: next });
    share.forget();
    expect(next.has("a")).toBe(true);
    expect(budget.usedBytes).toBe(3);
  });

  it("evicts a model once no call holds it, and tells who asked what went wrong", async () => {
    const { share, load, story } = createBench();
    await load("a", 3);
    const release = share.hold("a");
    const evicted = share.evict("a");
    await settle();
    expect(story).toEqual(["+a"]);
    release();
    await evicted;
    expect(story).toEqual(["+a", "-a"]);
    await load("b", 3, { unload: () => Promise.reject(new Error("stuck")) });
    await expect(share.evict("b")).rejects.toThrow("stuck");
    await expect(share.evict("nobody")).resolves.toBeUndefined();
  });
});
