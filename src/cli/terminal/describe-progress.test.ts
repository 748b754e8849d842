import { describe, expect, it } from "vitest";
import { describeProgress } from "./describe-progress.ts";

const pull = { phase: "pull", model: "m", doneBytes: 25e6, totalBytes: 100e6 } as const;

describe("describeProgress", () => {
  it("tells bytes, speed and what is left of a fetch", () => {
    const line = describeProgress({ key: "", sinceMs: 0, event: pull, speed: 5e6 }, 5_000);
    expect(line).toBe("Fetching m: 25 %, 25.0 MB of 100.0 MB, 5.0 MB/s, 15 s left");
  });

  it("draws a bar where there is room, and never a longer line", () => {
    const line = describeProgress({ key: "", sinceMs: 0, event: pull, speed: 5e6 }, 5_000, 80);
    expect(line).toMatch(/^Fetching m █+░+ {2,3}25 % {2}25.0 MB of 100.0 MB/);
    for (const width of [10, 20, 40, 60, 200]) {
      const short = describeProgress(
        { key: "", sinceMs: 0, event: pull, speed: 5e6 },
        5_000,
        width,
      );
      expect(short.length).toBeLessThan(width);
    }
  });

  it("does without a total", () => {
    const event = { phase: "pull", model: "m", doneBytes: 25e6 } as const;
    expect(describeProgress({ key: "", sinceMs: 0, event }, 0, 80)).toBe("Fetching m: 25.0 MB");
  });

  it.each([
    [{ phase: "queue", position: 1 }, "Waiting for a free place, next in the queue… 2 s"],
    [{ phase: "queue", position: 12 }, "Waiting for a free place, 12th in the queue… 2 s"],
    [{ phase: "queue", position: 22 }, "Waiting for a free place, 22nd in the queue… 2 s"],
    [{ phase: "load", model: "m", fraction: 0.5 }, "Loading m, 50 %… 2 s"],
    [{ phase: "prompt", doneTokens: 3, totalTokens: 9 }, "Reading the prompt, 3 of 9 tokens… 2 s"],
    [{ phase: "install", name: "e", message: "unpacking" }, "Installing e: unpacking"],
  ] as const)("tells of %o", (event, line) => {
    expect(describeProgress({ key: "", sinceMs: 0, event }, 2_000, 80)).toBe(line);
  });
});
