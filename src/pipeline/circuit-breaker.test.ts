import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { shuttingDown } from "../contract/shutting-down.ts";
import { createFakeBackend, createFakeCall, yielding } from "./__fixtures__/fake-call.ts";
import type { Ending, EndListener, Next } from "./call.ts";
import { circuitBreaker as guard } from "./circuit-breaker.ts";
import { oneTry } from "./one-try.ts";

const circuitBreaker = oneTry([guard]);

const target = { backend: "fake", model: "tiny" };

function createBench(failures = 1) {
  const backend = createFakeBackend(yielding(), { circuitBreaker: { failures } });
  const listeners: EndListener[] = [];
  const begin: Next = async () => ({ target, onEnd: (each) => void listeners.push(each) });
  return {
    circuit: backend.circuits.of("tiny"),
    failWith: (error: unknown, call = createFakeCall(backend, { candidates: [] })) =>
      circuitBreaker(call, () => Promise.reject(error)).catch((thrown: unknown) => thrown),
    begin: (call = createFakeCall(backend, { candidates: [] })) => circuitBreaker(call, begin),
    end: (ending: Ending) => listeners.splice(0).forEach((each) => each(ending)),
    call: () => createFakeCall(backend, { candidates: [] }),
  };
}

describe("circuitBreaker", () => {
  it("sends calls away from a target that has failed, saying what with in a word of ours, and writes it down", async () => {
    const bench = createBench();
    await bench.failWith(new ModelyardError("backend-error", "It broke.", { remedy: "Mend it." }));
    const call = bench.call();
    await expect(bench.begin(call)).rejects.toMatchObject({
      code: "backend-unavailable",
      message: "fake/tiny is left alone after failures. The last: backend-error.",
      details: { limit: "circuit" },
      remedy: "Mend it.",
      retryAfterMs: expect.any(Number),
    });
    expect(call.story.steps).toMatchObject([{ did: "skipped", target: "fake/tiny" }]);
  });

  it.each<[string, ModelyardError]>([
    ["its request", new ModelyardError("invalid-request", "No.")],
    ["its caller", new ModelyardError("cancelled", "Gone.")],
    ["its own deadline", new ModelyardError("timeout", "Late.", { details: { limit: "call" } })],
    [
      "what a model is too small for",
      new ModelyardError("invalid-response", "None.", { details: { limit: "ability" } }),
    ],
    ["our queue", new ModelyardError("overloaded", "Full.", { details: { limit: "queue" } })],
    ["our own end", shuttingDown("Ending.")],
    ["a rate limit", new ModelyardError("rate-limited", "Slower.")],
  ])("does not blame a target for what lies with %s", async (_, error) => {
    const bench = createBench();
    expect(await bench.failWith(error)).toBe(error);
    expect(bench.circuit.state).toBe("closed");
    expect(bench.circuit.refuses).toBe(false);
  });

  it("leaves a target alone for as long as it asks", async () => {
    const bench = createBench();
    const error = new ModelyardError("rate-limited", "Slower.", { retryAfterMs: 2_000 });
    await bench.failWith(error);
    expect(bench.circuit.state).toBe("closed");
    await expect(bench.begin()).rejects.toMatchObject({
      code: "rate-limited",
      details: { limit: "circuit" },
    });
  });

  it("counts an answer that breaks off, and not one that its reader leaves", async () => {
    const bench = createBench();
    await bench.begin();
    bench.end({ outcome: "abandoned" });
    expect(bench.circuit.state).toBe("closed");
    await bench.begin();
    const error = new ModelyardError("stream-interrupted", "Cut.");
    bench.end({ outcome: "stream-interrupted", error });
    expect(bench.circuit.state).toBe("open");
  });
});
