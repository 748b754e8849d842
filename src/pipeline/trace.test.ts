import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  readReply,
  yielding,
} from "./__fixtures__/fake-call.ts";
import type { AnyHandler } from "../contract/capability.ts";
import { createPipeline } from "./pipeline.ts";
import { createStory } from "./story.ts";
import type { Trace } from "./trace.ts";

async function traceOf(handler: AnyHandler): Promise<Trace> {
  const traces: Trace[] = [];
  const pipeline = createPipeline({ onTrace: (trace) => traces.push(trace) });
  await pipeline(createFakeCall(createFakeBackend(handler))).then(readReply, () => {});
  expect(traces).toHaveLength(1);
  return traces[0]!;
}

describe("trace", () => {
  it("tells where a call went, when it began and how it ended", async () => {
    const trace = await traceOf(yielding(delta("a"), finish));
    expect(trace).toMatchObject({
      id: "call-1",
      capability: "chat",
      target: { backend: "fake", model: "tiny" },
      stream: true,
      outcome: "done",
    });
    expect(trace.endedMs).toBeGreaterThanOrEqual(trace.begunMs!);
  });

  it("began when the model was looked for, not when it was found", async () => {
    const traces: Trace[] = [];
    const pipeline = createPipeline({ onTrace: (trace) => traces.push(trace) });
    const story = Object.assign(createStory(), { elapsedMs: () => 60_000 });
    const call = createFakeCall(createFakeBackend(yielding(finish)), { story });
    await pipeline(call).then(readReply);
    expect(traces[0]!.startedAt + traces[0]!.endedMs).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    ["an answer that breaks off", yielding(delta("a")), "stream-interrupted", true],
    ["an answer that never begins", yielding(), "invalid-response", false],
    [
      "an error of the handler's own",
      () => {
        throw new ModelyardError("rate-limited", "Slower.");
      },
      "rate-limited",
      false,
    ],
  ])("tells of %s", async (_, handler, outcome, begun) => {
    const trace = await traceOf(handler);
    expect(trace.outcome).toBe(outcome);
    expect(trace.begunMs !== undefined).toBe(begun);
  });
});
