import { afterEach, describe, expect, it, vi } from "vitest";
import type { Health } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { createCircuits } from "../pipeline/circuits.ts";
import { createTargetRecords } from "../pipeline/target-records.ts";
import { createBackendHealth } from "./backend-health.ts";

afterEach(() => void vi.useRealTimers());

function healthOf(healthCheck?: () => Promise<Health>, cooldownMs = 60_000) {
  const log = {
    debug: vi.fn<(message: string) => void>(),
    info: vi.fn<(message: string) => void>(),
    warn: vi.fn<(message: string) => void>(),
    error: vi.fn<(message: string) => void>(),
  };
  const circuits = createCircuits({
    failures: 5,
    failureRate: 0.5,
    cooldownMs,
    onChange: (model) => health.changed(model),
  });
  const records = createTargetRecords((model) => health.changed(model));
  const changes: string[] = [];
  const health = createBackendHealth({
    name: "far",
    backend: healthCheck === undefined ? {} : { healthCheck },
    lifecycle: { failure: undefined },
    privacy: async () => "device",
    log,
    records,
    circuits,
    cooldownMs,
    slowMs: 30_000,
    onChange: ({ status }, model) => changes.push(`${model ?? "all"} ${status}`),
  });
  const fail = (model: string) => {
    const admitted = circuits.of(model).admit(false);
    records.failed(model, "backend-error");
    if ("failed" in admitted) admitted.failed(new ModelyardError("backend-error", "It broke."));
  };
  return { health, log, circuits, records, changes, fail };
}

describe("probes", () => {
  it("are told with the remedy, and are no warning: the call that fails says it as well", async () => {
    const gone = new ModelyardError("backend-unavailable", "Gone.", { remedy: "Start it." });
    const { health, log, changes } = healthOf(() => Promise.reject(gone));
    health.attend();
    await vi.waitFor(() => expect(changes).toEqual(["all unhealthy"]));
    expect(health.current).toEqual({ status: "unhealthy", reason: "Gone. Start it." });
    expect(health.of("a")).toEqual(health.current);
    health.stop();
    expect(log.info).toHaveBeenCalledWith("far is unhealthy: Gone. Start it.");
    expect(log.warn).not.toHaveBeenCalled();
  });

  it("end the cool-down of a backend that is back, and what failed before is forgiven", async () => {
    vi.useFakeTimers();
    let now: Health = { status: "unhealthy", reason: "gone" };
    const { health, circuits, changes, fail } = healthOf(async () => now);
    health.attend();
    await vi.advanceTimersByTimeAsync(0);
    for (let count = 0; count < 5; count++) fail("a");
    expect(circuits.of("a").state).toBe("open");
    expect(circuits.of("a").refuses).toBe(true);
    now = { status: "healthy" };
    await vi.advanceTimersByTimeAsync(2_000);
    expect(health.current).toEqual({ status: "healthy" });
    expect(health.of("a")).toEqual({ status: "healthy" });
    expect(changes.at(-1)).toBe("all healthy");
    expect(circuits.of("a").refuses).toBe(false);
    health.stop();
  });
});

describe("calls", () => {
  it("tell of each model, and of all together", () => {
    const { health, records, changes, fail } = healthOf();
    expect(health.current).toEqual({ status: "unknown" });
    records.succeeded("a", 20);
    expect([health.current.status, health.of("b").status]).toEqual(["healthy", "unknown"]);
    for (let count = 0; count < 5; count++) fail("b");
    expect(health.of("a")).toEqual({ status: "healthy" });
    expect(health.of("b")).toEqual({
      status: "unhealthy",
      reason: "It is left alone after failures; the last: backend-error",
    });
    expect(health.current.status).toBe("degraded");
    expect(changes).toEqual(["all healthy", "b degraded", "all degraded", "b unhealthy"]);
    health.stop();
  });

  it("that were long ago tell nothing any more, and it is said though nobody asks", async () => {
    vi.useFakeTimers();
    const { health, records, changes, fail } = healthOf();
    records.succeeded("a", 20);
    await vi.advanceTimersByTimeAsync(20_000);
    records.succeeded("a", 20);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(changes).toEqual(["all healthy"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(changes).toEqual(["all healthy", "all unknown"]);
    for (let count = 0; count < 5; count++) fail("b");
    changes.length = 0;
    await vi.advanceTimersByTimeAsync(59_000);
    expect(changes).toEqual([]);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(changes).toEqual(["b unknown", "all unknown"]);
    records.succeeded("a", 20);
    health.stop();
    expect(vi.getTimerCount()).toBe(0);
    records.succeeded("a", 20);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([1_000, 60_000])(
    "that try a target again after %i ms change nothing until one goes well",
    async (cooldownMs) => {
      vi.useFakeTimers();
      const { health, circuits, records, changes, fail } = healthOf(undefined, cooldownMs);
      for (let count = 0; count < 5; count++) fail("a");
      expect(changes).toEqual(["a degraded", "all degraded", "a unhealthy", "all unhealthy"]);
      changes.length = 0;
      for (let tries = 0; tries < 3; tries++) {
        await vi.advanceTimersByTimeAsync(cooldownMs + 1);
        fail("a");
        expect(circuits.of("a").state).toBe("open");
      }
      expect(changes).toEqual([]);
      await vi.advanceTimersByTimeAsync(cooldownMs + 1);
      const admitted = circuits.of("a").admit(false);
      if (!("begun" in admitted)) throw new Error("It is not tried.");
      admitted.begun();
      records.succeeded("a", 1);
      admitted.succeeded();
      expect(changes).toEqual(["a degraded", "all degraded"]);
      health.stop();
    },
  );

  it("that begin late are no good sign", () => {
    const { health, records } = healthOf();
    records.succeeded("a", 50_000);
    expect(health.of("a")).toEqual({
      status: "degraded",
      reason: "Answers begin after 50 s (late: 30 s).",
    });
    health.stop();
  });

  it("count while they are fresh, against what a probe says", async () => {
    vi.useFakeTimers();
    const { health, records, fail } = healthOf(async () => ({ status: "healthy" }));
    health.attend();
    records.succeeded("a", 20);
    fail("a");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(health.of("a")).toMatchObject({ status: "degraded" });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(health.of("a")).toEqual({ status: "healthy" });
    expect(health.current).toEqual({ status: "healthy" });
    health.stop();
  });

  it("that went well before a server died do not hide its death", async () => {
    vi.useFakeTimers();
    let now: Health = { status: "healthy" };
    const { health, records, changes } = healthOf(async () => now);
    health.attend();
    await vi.advanceTimersByTimeAsync(0);
    records.succeeded("a", 20);
    now = { status: "unhealthy", reason: "gone" };
    await vi.advanceTimersByTimeAsync(4_000);
    expect(changes.at(-1)).toBe("all unhealthy");
    health.stop();
  });
});
