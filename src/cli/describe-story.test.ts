import { expect, it } from "vitest";
import { describeStory } from "./describe-story.ts";

it("tells each step with its time, and what came of the call", () => {
  const lines = describeStory({
    id: "c1",
    capability: "chat",
    target: { backend: "b", model: "m" },
    type: "echo",
    stream: true,
    outcome: "done",
    startedAt: 0,
    endedMs: 930,
    attempts: 2,
    steps: [
      { did: "skipped", target: "a/m", atMs: 0.2, reason: "is left alone after failures" },
      {
        did: "tried",
        target: "b/m",
        atMs: 1,
        endedMs: 11,
        outcome: "timeout",
        reason: "Too slow.",
      },
      { did: "waited", target: "b/m", atMs: 12, waitMs: 200 },
      { did: "tried", target: "b/m", atMs: 212, begunMs: 312, endedMs: 922, outcome: "done" },
    ],
  });
  expect(lines).toEqual([
    "0 ms: a/m skipped: is left alone after failures",
    "1 ms: b/m tried: timeout after 10 ms: Too slow.",
    "12 ms: waited 200 ms before b/m is tried again",
    "212 ms: b/m tried: began after 100 ms, done after 710 ms",
    "done after 930 ms, 2 tries (call c1)",
  ]);
});
