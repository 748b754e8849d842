import { describe, expect, it } from "vitest";
import { describeError } from "./describe-error.ts";
import { isTargetFailure } from "./target-failure.ts";
import type { Call } from "./call.ts";

const call = {
  target: { backend: "b", model: "m" },
  signal: new AbortController().signal,
  backend: { secrets: { redactError: (error: unknown) => error } },
} as unknown as Call;

describe("describeError", () => {
  it("a stack of ours that overflows is no failure of the target; what else is thrown is", () => {
    const overflow = describeError(new RangeError("Maximum call stack size exceeded"), call);
    expect([overflow.code, isTargetFailure(overflow)]).toEqual(["internal", false]);
    expect(isTargetFailure(describeError(new Error("broken"), call))).toBe(true);
  });
});
