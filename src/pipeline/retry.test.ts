import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ModelyardError, type ErrorCode, type ErrorOptions } from "../contract/errors.ts";
import {
  createFakeBackend,
  createFakeCall,
  yielding,
  type FakeBackendOptions,
} from "./__fixtures__/fake-call.ts";
import type { Call, Reply } from "./call.ts";
import { retry } from "./retry.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});

afterEach(() => {
  const left = vi.getTimerCount();
  vi.useRealTimers();
  vi.restoreAllMocks();
  if (left > 0) throw new Error(`${left} timers are left behind.`);
});

const reply: Reply = { target: { backend: "fake", model: "tiny" }, onEnd() {} };
const failing = (code: ErrorCode, options?: ErrorOptions) =>
  new ModelyardError(code, `It says ${code}.`, options);

interface Setting {
  readonly others?: boolean;
  readonly backend?: FakeBackendOptions;
  readonly call?: Partial<Call>;
}

/** Sends a call whose tries fail with these errors, in turn, and then succeed; tells when each try was. */
function send(
  errors: ModelyardError[],
  { others = false, backend: given, call: more }: Setting = {},
) {
  const backend = createFakeBackend(yielding(), { attempts: 3, ...given });
  const candidate = { target: { backend: "other", model: "tiny" }, backend };
  const call = createFakeCall(backend, { candidates: others ? [candidate] : [], ...more });
  const startedAt = performance.now();
  const triedAt: number[] = [];
  const answer = retry(call, async () => {
    triedAt.push(performance.now() - startedAt);
    const error = errors.shift();
    if (error !== undefined) throw error;
    return reply;
  }).catch((error: unknown) => error as ModelyardError);
  return {
    call,
    triedAt,
    backend,
    answer,
    async ended() {
      await vi.runAllTimersAsync();
      return answer;
    },
  };
}

describe("retry", () => {
  it("tries again after a pause that chance takes from a span that doubles", async () => {
    const { ended, triedAt, call } = send([failing("backend-error"), failing("backend-error")]);
    expect(await ended()).toBe(reply);
    expect(triedAt).toEqual([0, 100, 300]);
    expect(call.story.steps).toMatchObject([
      { did: "waited", waitMs: 100 },
      { did: "waited", waitMs: 200 },
    ]);
  });

  it("gives up after so many tries, with the last error", async () => {
    const errors = ["backend-error", "invalid-response", "stream-interrupted"] as const;
    const { ended, triedAt } = send(errors.map((code) => failing(code)));
    expect(await ended()).toMatchObject({ code: "stream-interrupted" });
    expect(triedAt).toHaveLength(3);
  });

  it.each<[string, ModelyardError, Setting]>([
    ["the table says no", failing("invalid-request"), {}],
    ["the table says no, with others", failing("context-length-exceeded"), { others: true }],
    ["our own queue is full", failing("overloaded", { details: { limit: "queue" } }), {}],
    ["it took too long, and there are others", failing("timeout"), { others: true }],
    [
      "its circuit is open, and there are others",
      failing("backend-unavailable", { retryAfterMs: 10, details: { limit: "circuit" } }),
      { others: true },
    ],
    [
      "it is to slow down for nobody knows how long, and there are others",
      failing("rate-limited"),
      { others: true },
    ],
    [
      "it asks for more than a second, and there are others",
      failing("rate-limited", { retryAfterMs: 1_001 }),
      { others: true },
    ],
    ["it asks for more than ten seconds", failing("rate-limited", { retryAfterMs: 10_001 }), {}],
    ["only one try is allowed", failing("backend-error"), { backend: { attempts: 1 } }],
    [
      "the pause would outlast the call",
      failing("rate-limited", { retryAfterMs: 500 }),
      { call: { endsAt: 400 } },
    ],
  ])("tries once where %s", async (_, error, setting) => {
    const start = performance.now();
    const endsAt = setting.call?.endsAt;
    const { ended, triedAt } = send([error], {
      ...setting,
      ...(endsAt === undefined ? {} : { call: { endsAt: start + endsAt } }),
    });
    expect(await ended()).toBe(error);
    expect(triedAt).toEqual([0]);
  });

  it.each<[string, number, boolean]>([
    ["ten seconds", 10_000, false],
    ["a second, where there are others", 1_000, true],
  ])("waits as long as it is asked to, up to %s", async (_, retryAfterMs, others) => {
    const { ended, triedAt } = send([failing("rate-limited", { retryAfterMs })], { others });
    expect(await ended()).toBe(reply);
    expect(triedAt).toEqual([0, retryAfterMs]);
  });

  it("hammers nobody who says to come back at once", async () => {
    const { ended, triedAt } = send([failing("backend-unavailable", { retryAfterMs: 0 })]);
    expect(await ended()).toBe(reply);
    expect(triedAt).toEqual([0, 100]);
  });

  it("ends when it is aborted in the pause, and leaves nothing behind", async () => {
    const { call, answer, triedAt } = send([failing("rate-limited", { retryAfterMs: 5_000 })]);
    await vi.advanceTimersByTimeAsync(1_000);
    call.controller.abort();
    expect(await answer).toMatchObject({ code: "cancelled" });
    expect(triedAt).toEqual([0]);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });

  it("tells what the target itself said, not that its circuit has opened since", async () => {
    const circuit = failing("backend-unavailable", {
      retryAfterMs: 30_000,
      details: { limit: "circuit" },
    });
    const own = failing("backend-error");
    expect(await send([own, circuit]).ended()).toBe(own);
    expect(await send([circuit]).ended()).toBe(circuit);
  });

  it("waits for nothing where the failure has just opened the circuit", async () => {
    for (const others of [true, false]) {
      const backend = createFakeBackend(yielding(), { circuitBreaker: { failures: 1 } });
      const circuit = backend.circuits.of("tiny");
      const admission = circuit.admit(others);
      const own = failing("backend-error");
      if ("failed" in admission) admission.failed(own);
      expect(circuit.state).toBe("open");
      const { call, ended, triedAt } = send([own], {
        others,
        backend: { circuits: backend.circuits },
      });
      expect(await ended()).toBe(own);
      expect(triedAt).toEqual([0]);
      expect(call.story.steps).toEqual([]);
    }
  });

  it("counts a call for the budget once, and only where its target was asked", async () => {
    let calls = 0;
    const backend = { retryBudget: { called: () => void calls++, take: () => true } };
    const circuit = failing("backend-unavailable", {
      retryAfterMs: 30_000,
      details: { limit: "circuit" },
    });
    expect(await send([circuit], { backend }).ended()).toBe(circuit);
    expect(calls).toBe(0);
    await send([failing("backend-error"), failing("backend-error")], { backend }).ended();
    expect(calls).toBe(1);
    await send([], { backend }).ended();
    expect(calls).toBe(2);
  });

  it("stops repeating where the backend's budget is spent; waiting for a circuit costs none", async () => {
    const retryBudget = { called() {}, take: () => false };
    const own = failing("backend-error");
    expect(await send([own], { backend: { retryBudget } }).ended()).toBe(own);
    const circuit = failing("backend-unavailable", {
      retryAfterMs: 500,
      details: { limit: "circuit" },
    });
    expect(await send([circuit], { backend: { retryBudget } }).ended()).toBe(reply);
  });
});
