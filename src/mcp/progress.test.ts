import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgressReporter, type ProgressNote } from "./progress.ts";

describe("createProgressReporter", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells the first text at once, and what follows together", async () => {
    const { reporter, told } = start();
    reporter.text("a");
    reporter.text("b");
    reporter.text("c");
    expect(told()).toEqual([[0, "a"]]);
    await vi.advanceTimersByTimeAsync(150);
    reporter.text("d");
    expect(await reporter.end()).toBe(true);
    expect(told()).toEqual([
      [0, "a"],
      [1, "bc"],
      [2, "d"],
    ]);
  });

  it("waits for a slow reader, and then tells all at once", async () => {
    const { promise, resolve: drain } = Promise.withResolvers<void>();
    const { reporter, told } = start(() => promise);
    reporter.text("a");
    for (const letter of "bcdef") {
      reporter.text(letter);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(told()).toEqual([[0, "a"]]);
    drain();
    await vi.advanceTimersByTimeAsync(0);
    expect(told().at(-1)).toEqual([1, "bcdef"]);
  });

  it("says that the call is alive while there is nothing to say, and no more once it has ended", async () => {
    const { reporter, told } = start();
    await vi.advanceTimersByTimeAsync(2500);
    await reporter.end();
    await vi.advanceTimersByTimeAsync(5000);
    expect(told()).toEqual([
      [0, undefined],
      [1, undefined],
    ]);
  });

  it("tells only the latest of events that come close together, and none that text has overtaken", async () => {
    const { reporter, told } = start();
    reporter.event({ phase: "queue", position: 3 });
    reporter.event({ phase: "queue", position: 2 });
    reporter.event({ phase: "queue", position: 1 });
    await vi.advanceTimersByTimeAsync(150);
    reporter.event({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
    reporter.text("hello");
    await reporter.end();
    expect(told().map(([, message]) => message)).toEqual([
      "Waiting for a free place, 3 in line",
      "Waiting for a free place, 1 in line",
      "hello",
    ]);
  });

  it("counts bytes, and never goes back", async () => {
    const { reporter, notes } = start();
    for (const doneBytes of [0, 500, 200, 1000]) {
      reporter.bytes({ phase: "pull", model: "m", doneBytes, totalBytes: 1000 });
      await vi.advanceTimersByTimeAsync(150);
    }
    await reporter.end();
    expect(notes.map(({ progress, total }) => [progress, total])).toEqual([
      [0, 1000],
      [500, 1000],
      [1000, 1000],
    ]);
  });

  it("gives up telling, not the call, when it can't be told", async () => {
    const { reporter, notes, errors } = start(() => Promise.reject(new Error("gone")));
    reporter.text("a");
    await vi.advanceTimersByTimeAsync(150);
    reporter.text("b");
    await vi.advanceTimersByTimeAsync(150);
    await reporter.end();
    expect(notes).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });
});

function start(send?: (note: ProgressNote) => Promise<void>) {
  const notes: ProgressNote[] = [];
  const errors: unknown[] = [];
  const reporter = createProgressReporter({
    async send(note) {
      notes.push(note);
      await send?.(note);
    },
    onError: (error) => errors.push(error),
  });
  const told = () => notes.map(({ progress, message }) => [progress, message]);
  return { reporter, notes, errors, told };
}
