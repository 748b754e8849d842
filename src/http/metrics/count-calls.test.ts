import { describe, expect, it } from "vitest";
import type { Trace } from "../../gateway/api.ts";
import { createCallCounts } from "./count-calls.ts";

function traceOf(changes: Partial<Trace> = {}): Trace {
  return {
    id: "1",
    capability: "chat",
    requested: "vllm/a",
    target: { backend: "vllm", model: "a" },
    type: "openai-compatible",
    stream: true,
    outcome: "done",
    startedAt: 0,
    begunMs: 100,
    endedMs: 1_100,
    usage: { inputTokens: 7, outputTokens: 11 },
    attempts: 1,
    steps: [{ did: "tried", target: "vllm/a", atMs: 0, outcome: "done" }],
    ...changes,
  };
}

describe("counts of calls", () => {
  it("hold times in seconds, and the time per token after the first", () => {
    const counts = createCallCounts();
    counts.add(traceOf());
    const [series] = [...counts.series];
    expect(series).toMatchObject({ requestModel: "vllm/a", responseModel: "a", outcome: "done" });
    expect(series!.durationSeconds.sum).toBeCloseTo(1.1);
    expect(series!.firstTokenSeconds.sum).toBeCloseTo(0.1);
    expect(series!.outputTokenSeconds.sum).toBeCloseTo(0.1);
    expect([series!.inputTokens.sum, series!.outputTokens.sum]).toEqual([7, 11]);
  });

  it("count each try under the backend that was asked", () => {
    const counts = createCallCounts();
    counts.add(
      traceOf({
        steps: [
          { did: "tried", target: "a/m", atMs: 0, outcome: "backend-unavailable" },
          { did: "waited", target: "a/m", atMs: 0, waitMs: 5 },
          { did: "tried", target: "vllm/x/y", atMs: 0, outcome: "done" },
        ],
      }),
    );
    expect([...counts.attempts].map(([backend, cells]) => [backend, ...cells])).toEqual([
      ["a", ["backend-unavailable", 1]],
      ["vllm", ["done", 1]],
    ]);
  });

  it("name a configured model that has never answered, and no model that gave no answer", () => {
    const counts = createCallCounts((name) => name === "assistant");
    const failed = { outcome: "backend-unavailable" } as const;
    const { begunMs: _, ...silent } = traceOf({ requested: "assistant", ...failed });
    counts.add(silent);
    counts.add({ ...silent, requested: "invented" });
    counts.add(traceOf(failed));
    expect([...counts.series].map((each) => [each.requestModel, each.responseModel])).toEqual([
      ["assistant", ""],
      ["other", ""],
      ["other", "other"],
    ]);
  });

  it("do not grow with names that callers invent", () => {
    const counts = createCallCounts();
    for (let count = 0; count < 10_000; count++) {
      const name = `invented-${count}`;
      const invented = { requested: name, target: { backend: "vllm", model: name } };
      counts.add(traceOf({ ...invented, outcome: "model-not-found" }));
      // A server may answer to any name.
      counts.add(traceOf(invented));
    }
    const all = [...counts.series];
    expect(all.length).toBeLessThan(300);
    const calls = all.map(({ durationSeconds }) => durationSeconds.counts.reduce((a, b) => a + b));
    expect(calls.reduce((a, b) => a + b)).toBe(20_000);
  });
});
