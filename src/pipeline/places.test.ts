import { afterEach, describe, expect, it, vi } from "vitest";
import { createFakeBackend, createFakeCall, settle, yielding } from "./__fixtures__/fake-call.ts";
import type { Release } from "./call.ts";
import { createPlaces } from "./places.ts";

afterEach(() => void vi.restoreAllMocks());

/** Callers in one queue; each that gets a place is written down. */
function createBench({ maxConcurrent = 1, maxQueue = 100 } = {}) {
  const places = createPlaces({ name: "fake", maxConcurrent, maxQueue });
  const backend = createFakeBackend(yielding(), { places });
  const served: string[] = [];
  const releases: Release[] = [];
  return {
    places,
    served,
    enter(id: string, caller?: string) {
      const call = createFakeCall(backend, { id, caller });
      void Promise.resolve(places.enter(call)).then((release) => {
        served.push(id);
        releases.push(release);
      });
      return call;
    },
    async next() {
      releases.shift()?.();
      await settle();
    },
    async serveAll() {
      await settle();
      while (releases.length > 0) await this.next();
      return served;
    },
  };
}

describe("places", () => {
  it("lets callers take turns: who has many waiting keeps no other one's first waiting", async () => {
    const bench = createBench();
    for (let each = 0; each < 5; each++) bench.enter(`a${each}`, "ann");
    bench.enter("b0", "bob");
    bench.enter("b1", "bob");
    expect(await bench.serveAll()).toEqual(["a0", "a1", "b0", "a2", "b1", "a3", "a4"]);
  });

  it("puts who comes later into the turn that is on, not before it", async () => {
    const bench = createBench();
    for (let each = 0; each < 5; each++) bench.enter(`a${each}`, "ann");
    await settle();
    await bench.next();
    await bench.next();
    bench.enter("c0", "cleo");
    expect(await bench.serveAll()).toEqual(["a0", "a1", "a2", "a3", "c0", "a4"]);
  });

  it("tells who is overtaken their new place", async () => {
    const bench = createBench();
    bench.enter("a0", "ann");
    bench.enter("a1", "ann");
    const last = bench.enter("a2", "ann");
    bench.enter("b0", "bob");
    expect(last.progressed).toEqual([
      { phase: "queue", position: 2 },
      { phase: "queue", position: 3 },
    ]);
    await bench.serveAll();
  });

  it("says when to come back, by how long places have been held", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    const bench = createBench({ maxQueue: 0 });
    const full = createFakeCall(createFakeBackend(yielding()));
    const refused = (retryAfterMs: number) =>
      expect(() => bench.places.enter(full)).toThrow(
        expect.objectContaining({ code: "overloaded", retryAfterMs }),
      );
    bench.enter("a");
    await settle();
    refused(1_000);
    clock.mockReturnValue(5_000);
    await bench.next();
    expect(bench.places.running).toBe(0);
    bench.enter("b");
    await settle();
    refused(5_000);
    await bench.next();
  });

  it("knows how many work and wait", async () => {
    const bench = createBench({ maxConcurrent: 2 });
    const calls = ["a", "b", "c"].map((id) => bench.enter(id));
    await settle();
    expect(bench.places).toMatchObject({ running: 2, waiting: 1, maxConcurrent: 2 });
    expect(calls[2]!.progressed).toEqual([{ phase: "queue", position: 1 }]);
    await bench.serveAll();
    expect(bench.places).toMatchObject({ running: 0, waiting: 0 });
  });
});
