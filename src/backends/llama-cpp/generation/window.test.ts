import { describe, expect, it } from "vitest";
import { answerLimit, refuseHugeText, refuseLongPrompt } from "./window.ts";

describe("answerLimit", () => {
  it.each([
    ["what the caller allows", 10, { tokens: 10, reason: "max-tokens" }],
    [
      "all that is left, where that is what the caller allows",
      60,
      { tokens: 60, reason: "max-tokens" },
    ],
    ["what is left, where the caller allows more", 61, { tokens: 60, reason: "context-full" }],
    ["what is left, where nobody says", undefined, { tokens: 60, reason: "context-full" }],
  ])("is %s", (_, maxTokens, limit) => {
    expect(answerLimit(40, 100, maxTokens)).toEqual(limit);
  });
});

describe("refusing", () => {
  it("takes a prompt that leaves room for one token, and none longer", () => {
    expect(() => refuseLongPrompt("m", 99, 100)).not.toThrow();
    expect(() => refuseLongPrompt("m", 100, 100)).toThrow(
      expect.objectContaining({
        code: "context-length-exceeded",
        details: { promptTokens: 100, contextTokens: 100, exceededByTokens: 1 },
      }),
    );
  });

  it("says that a count is estimated where the text was not read", () => {
    expect(() => refuseHugeText("m", 2400, 100)).not.toThrow();
    expect(() => refuseHugeText("m", 4800, 100)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ promptTokens: 200, promptTokensAreEstimated: true }),
      }),
    );
  });
});
