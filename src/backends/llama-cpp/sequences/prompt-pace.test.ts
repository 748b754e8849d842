import { describe, expect, it } from "vitest";
import { createPromptPace } from "./prompt-pace.ts";

describe("createPromptPace", () => {
  it.each([
    ["a fast machine", 2, 448],
    ["an ordinary one, in tiles", 0.2, 64],
    ["a slow one", 0.08, 32],
    ["a very slow one", 0.001, 8],
  ])("suits %s", (_, tokensPerMs, slice) => {
    const pace = createPromptPace(() => () => 0);
    expect(pace.nextSlice(512)).toBe(16);
    for (let count = 0; count < 12; count++) pace.learn(64, 64 / tokensPerMs);
    expect(pace.nextSlice(512)).toBe(slice);
  });

  it("goes back to tiles after a slow moment", () => {
    const pace = createPromptPace(() => () => 0);
    pace.learn(64, 3000);
    expect(pace.nextSlice(512)).toBe(8);
    for (let count = 0; count < 8; count++)
      pace.learn(pace.nextSlice(512), pace.nextSlice(512) / 0.13);
    expect(pace.nextSlice(512)).toBe(64);
  });
});
