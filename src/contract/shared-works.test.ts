import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { Interest, Progress } from "./progress.ts";
import { createSharedWorks } from "./shared-works.ts";

/** Lets everything that is ready to run do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function createInterest() {
  const controller = new AbortController();
  const heard: Progress[] = [];
  const interest = { signal: controller.signal, progress: (event: Progress) => heard.push(event) };
  return { controller, heard, interest: interest as Interest };
}

/** Work that the test ends, and how often it was begun. */
function createWork({ heeds = true } = {}) {
  const runs: { interest: Interest; gate: PromiseWithResolvers<string> }[] = [];
  return {
    runs,
    work(interest: Interest): Promise<string> {
      const gate = Promise.withResolvers<string>();
      runs.push({ interest, gate });
      if (heeds)
        interest.signal.addEventListener("abort", () => gate.reject(interest.signal.reason));
      return gate.promise;
    },
  };
}

const loading: Progress = { phase: "load", model: "tiny", fraction: 0.5 };

describe("shared work", () => {
  it("is done once for all who join, and told to all, late comers too", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork();
    const [first, second] = [createInterest(), createInterest()];
    const one = works.join("a", first.interest, work);
    await settle();
    runs[0]!.interest.progress(loading);
    const two = works.join("a", second.interest, work);
    await settle();
    runs[0]!.gate.resolve("done");
    expect(await Promise.all([one, two])).toEqual(["done", "done"]);
    expect(runs).toHaveLength(1);
    expect(first.heard).toEqual([loading]);
    expect(second.heard).toEqual([loading]);
    expect(getEventListeners(first.interest.signal, "abort")).toEqual([]);
  });

  it("is one for each name, and begun again once it is over", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork();
    void works.join("a", createInterest().interest, work);
    void works.join("b", createInterest().interest, work);
    await settle();
    runs[0]!.gate.resolve("done");
    await settle();
    void works.join("a", createInterest().interest, work);
    await settle();
    expect(runs).toHaveLength(3);
  });

  it("goes on for others when one leaves, who hears no more of it", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork();
    const [first, second] = [createInterest(), createInterest()];
    const one = works.join("a", first.interest, work);
    const two = works.join("a", second.interest, work);
    first.controller.abort();
    await expect(one).rejects.toMatchObject({ code: "cancelled" });
    runs[0]!.interest.progress(loading);
    expect(first.heard).toEqual([]);
    expect(runs[0]!.interest.signal.aborted).toBe(false);
    runs[0]!.gate.resolve("done");
    await expect(two).resolves.toBe("done");
  });

  it("stops when the last one leaves", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork();
    const first = createInterest();
    const one = works.join("a", first.interest, work);
    first.controller.abort();
    await expect(one).rejects.toMatchObject({ code: "cancelled" });
    expect(runs[0]!.interest.signal.aborted).toBe(true);
  });

  it("that is being stopped is nothing to join: who comes then waits, and begins anew", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork({ heeds: false });
    const [first, second] = [createInterest(), createInterest()];
    void works.join("a", first.interest, work).catch(() => {});
    first.controller.abort();
    await settle();
    const two = works.join("a", second.interest, work);
    await settle();
    expect(runs).toHaveLength(1);
    runs[0]!.gate.reject(new Error("stopped"));
    await settle();
    runs[1]!.gate.resolve("done");
    await expect(two).resolves.toBe("done");
  });

  it("lets go of one who waits for work that does not stop", async () => {
    const works = createSharedWorks<string>();
    const { work } = createWork({ heeds: false });
    const [first, second] = [createInterest(), createInterest()];
    void works.join("a", first.interest, work).catch(() => {});
    first.controller.abort();
    await settle();
    const two = works.join("a", second.interest, work);
    second.controller.abort();
    await expect(two).rejects.toMatchObject({ code: "cancelled" });
  });

  it("is not begun for one who has given up already", async () => {
    const { work, runs } = createWork();
    const first = createInterest();
    first.controller.abort();
    await expect(createSharedWorks<string>().join("a", first.interest, work)).rejects.toMatchObject(
      {
        code: "cancelled",
      },
    );
    expect(runs).toEqual([]);
  });

  it("that fails, fails for all", async () => {
    const works = createSharedWorks<string>();
    const { work, runs } = createWork();
    const joined = [createInterest(), createInterest()].map(({ interest }) =>
      works.join("a", interest, work),
    );
    const told = Promise.allSettled(joined);
    await settle();
    runs[0]!.gate.reject(new Error("disk full"));
    expect(await told).toMatchObject([
      { reason: { message: "disk full" } },
      { reason: { message: "disk full" } },
    ]);
  });
});
