import { expect, it } from "vitest";
import { createStory, nameOf } from "./story.ts";

const target = { backend: "ollama", model: "library/qwen3:4b" };

it("tells in order what was tried, skipped and waited for, and counts the tries", () => {
  const story = createStory();
  story.skipped(target, "reaches remote, beyond device");
  const step = story.tried(target);
  step.outcome = "backend-error";
  story.waits(target).waitMs = 150;
  const full = story.tried(target);
  story.sentAway(full, "its queue is full");
  story.tried(target);
  expect(story.attempts).toBe(2);
  const name = "ollama/library/qwen3:4b";
  expect(story.steps).toMatchObject([
    { did: "skipped", target: name, reason: "reaches remote, beyond device" },
    { did: "tried", target: name, outcome: "backend-error" },
    { did: "waited", target: name, waitMs: 150 },
    { did: "skipped", target: name, reason: "its queue is full" },
    { did: "tried", target: name },
  ]);
  const times = story.steps.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

it("names a target as callers do", () => {
  expect(nameOf(target)).toBe("ollama/library/qwen3:4b");
});
