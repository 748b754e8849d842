import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createFakeBackend, createFakeCall, yielding } from "./__fixtures__/fake-call.ts";
import { attempt as guard } from "./attempt.ts";
import type { Ending, EndListener, Next } from "./call.ts";
import { oneTry } from "./one-try.ts";

const attempt = oneTry([guard]);

function createBench() {
  const failures: string[] = [];
  const backend = createFakeBackend(yielding(), { failed: ({ code }) => failures.push(code) });
  const call = createFakeCall(backend);
  const listeners: EndListener[] = [];
  const begin: Next = async ({ target, step, story }) => {
    if (step !== undefined) step.begunMs = story.elapsedMs();
    return { target, onEnd: (listener) => void listeners.push(listener) };
  };
  return {
    call,
    failures,
    record: () => backend.records.of("tiny"),
    begin: () => attempt(call, begin),
    end: (ending: Ending) => listeners.forEach((listener) => listener(ending)),
    fail: (error: unknown) => attempt(call, () => Promise.reject(error)).catch(() => {}),
  };
}

describe("attempt", () => {
  it("writes a try down, and how it ended", async () => {
    const { call, begin, end, record } = createBench();
    await begin();
    expect(call.story.steps).toEqual([
      { did: "tried", target: "fake/tiny", atMs: expect.any(Number), begunMs: expect.any(Number) },
    ]);
    end({ outcome: "done" });
    expect(call.story.steps).toMatchObject([{ outcome: "done", endedMs: expect.any(Number) }]);
    expect(call.story.attempts).toBe(1);
    expect(record()).toMatchObject({ successRate: 1, calls: 1, latencyMs: expect.any(Number) });
  });

  it("tells the backend and its record of what the target did wrong", async () => {
    const { call, fail, failures, record } = createBench();
    await fail(new ModelyardError("backend-unavailable", "It is away."));
    expect(call.story.steps).toMatchObject([
      { outcome: "backend-unavailable", reason: "It is away." },
    ]);
    expect(failures).toEqual(["backend-unavailable"]);
    expect(record()).toMatchObject({ successRate: 0, problem: "backend-unavailable" });
  });

  it("does not hold against a target that it says when to come back", async () => {
    const { fail, record } = createBench();
    await fail(new ModelyardError("rate-limited", "Slower.", { retryAfterMs: 500 }));
    expect(record()).toBeUndefined();
  });

  it("counts a break in mid-answer, and nothing that its caller did", async () => {
    const broken = createBench();
    await broken.begin();
    const error = new ModelyardError("stream-interrupted", "Cut.");
    broken.end({ outcome: "stream-interrupted", error });
    expect(broken.record()).toMatchObject({ successRate: 0 });

    const left = createBench();
    await left.begin();
    left.end({ outcome: "abandoned" });
    expect(left.record()).toBeUndefined();
    await left.fail(new ModelyardError("invalid-request", "No."));
    expect(left.record()).toBeUndefined();
  });

  it("keeps no warning of a try before", async () => {
    const { call, begin } = createBench();
    call.warnings.push("seed was dropped.");
    await begin();
    expect(call.warnings).toEqual([]);
  });
});
