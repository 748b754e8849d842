import { expect, it } from "vitest";
import { describeProgress } from "./describe-progress.ts";

it.each([
  [
    { phase: "install", name: "engine", message: "unpacking" } as const,
    "Installing engine: unpacking",
  ],
  [{ phase: "pull", model: "m", doneBytes: 1_234_567 } as const, "Fetching m: 1.2 MB"],
  [
    { phase: "pull", model: "m", doneBytes: 0, totalBytes: 98_362_432 } as const,
    "Fetching m: 0 bytes of 98.4 MB",
  ],
  [{ phase: "load", model: "m" } as const, "Loading m"],
  [
    { phase: "prompt", doneTokens: 512, totalTokens: 800 } as const,
    "Reading the prompt: 512 of 800 tokens",
  ],
])("describes %o", (event, text) => {
  expect(describeProgress(event)).toBe(text);
});
