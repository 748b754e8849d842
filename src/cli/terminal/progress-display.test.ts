import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgressDisplay } from "./progress-display.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createDisplay({ terminal, columns = 80 }: { terminal: boolean; columns?: number }) {
  const stream = new PassThrough({ encoding: "utf8" });
  const display = createProgressDisplay(Object.assign(stream, { isTTY: terminal, columns }), {
    now: () => Date.now(),
  });
  return { display, written: () => String(stream.read() ?? "") };
}

const pull = (doneBytes: number) =>
  ({ phase: "pull", model: "m", doneBytes, totalBytes: 100 }) as const;

describe("on a terminal", () => {
  it("says nothing of a wait that is over within a second", () => {
    const { display, written } = createDisplay({ terminal: true });
    display.begin("Waiting for the answer");
    display.update({ phase: "load", model: "m" });
    vi.advanceTimersByTime(900);
    display.clear();
    expect(written()).toBe("");
  });

  it("draws a longer one over and over, and takes it away", () => {
    const { display, written } = createDisplay({ terminal: true });
    display.begin("Waiting for the answer");
    vi.advanceTimersByTime(2_100);
    expect(written()).toContain("\r\u001B[2KWaiting for the answer… 2 s");
    display.clear();
    expect(written()).toBe("\r\u001B[2K");
    vi.advanceTimersByTime(5_000);
    expect(written()).toBe("");
  });

  it("does not trust a terminal that has no width", () => {
    const { display, written } = createDisplay({ terminal: true, columns: 0 });
    display.begin("Waiting for the answer");
    vi.advanceTimersByTime(1_100);
    expect(written()).toContain("Waiting for the answer… 1 s");
  });

  it("shows a fetch at once and leaves what it came to", () => {
    const { display, written } = createDisplay({ terminal: true });
    display.update(pull(10));
    expect(written()).toContain("10 bytes of 100 bytes");
    display.update(pull(100));
    vi.advanceTimersByTime(1_000);
    display.clear();
    expect(written()).toMatch(/Fetched m, 100 bytes in [^\n]+\n$/);
  });
});

describe("elsewhere", () => {
  it("writes a plain line now and then", () => {
    const { display, written } = createDisplay({ terminal: false });
    for (let done = 0; done < 100; done++) {
      display.update(pull(done));
      vi.advanceTimersByTime(100);
    }
    const lines = written().trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.length).toBeLessThan(8);
    expect(lines.join("")).not.toContain("\u001B");
  });

  it("says once what else is waited for", () => {
    const { display, written } = createDisplay({ terminal: false });
    display.begin("Waiting for the answer");
    vi.advanceTimersByTime(20_000);
    expect(written()).toBe("Waiting for the answer…\n");
  });
});
