import { afterEach, describe, expect, it, vi } from "vitest";
import type { Backend } from "../contract/backend.ts";
import { createGate, settle } from "./__fixtures__/test-gateway.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createPatience } from "./patience.ts";

function createBench(backend: Pick<Backend, "initialize" | "shutdown">) {
  const states: string[] = [];
  const lifecycle = createLifecycle("ollama", backend, (state, reason) =>
    states.push(reason === undefined ? state : `${state}: ${reason}`),
  );
  const controller = new AbortController();
  const interest = { signal: controller.signal, progress() {} };
  return { states, lifecycle, controller, start: () => lifecycle.start(interest) };
}

const unhurried = new AbortController().signal;

afterEach(() => {
  vi.useRealTimers();
});

describe("a backend's life", () => {
  it("goes from created to stopped", async () => {
    const { states, lifecycle, start } = createBench({});
    expect(lifecycle.state).toBe("created");
    await Promise.all([start(), start()]);
    await start();
    await lifecycle.stop(unhurried);
    expect(states).toEqual(["initialising", "ready", "stopping", "stopped"]);
  });

  it("tries again after a failure, which is remembered until then", async () => {
    let tries = 0;
    const { states, lifecycle, start } = createBench({
      async initialize() {
        if (++tries === 1) throw new Error("connection refused");
      },
    });
    await expect(start()).rejects.toMatchObject({
      code: "backend-unavailable",
      backend: "ollama",
      message: "connection refused",
    });
    expect(lifecycle.failure?.message).toBe("connection refused");
    await start();
    expect(lifecycle.failure).toBeUndefined();
    expect(states).toEqual(["initialising", "failed: connection refused", "initialising", "ready"]);
  });

  it("gives up a start that hangs, after a minute", async () => {
    vi.useFakeTimers();
    const { lifecycle, start } = createBench({ initialize: () => new Promise(() => {}) });
    await Promise.all([
      expect(start()).rejects.toMatchObject({ code: "timeout" }),
      vi.advanceTimersByTimeAsync(60_000),
    ]);
    expect(lifecycle.state).toBe("failed");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on starting for later calls where those who waited were no longer patient", async () => {
    const gate = createGate();
    const { lifecycle, start, controller } = createBench({ initialize: () => gate.promise });
    const interest = { signal: controller.signal, progress() {} };
    const patiently = createPatience("ollama", 1, controller.signal);
    await expect(lifecycle.start(interest, patiently)).rejects.toMatchObject({
      code: "timeout",
      message: "ollama did not start within 1 ms.",
    });
    controller.abort();
    await settle();
    expect(lifecycle.state).toBe("initialising");
    gate.open();
    await settle();
    expect(lifecycle.state).toBe("ready");
    await expect(start()).resolves.toBeUndefined();
  });

  it("has not failed where those who waited for the start left; the next one starts it anew", async () => {
    let tries = 0;
    const { lifecycle, start, controller } = createBench({
      initialize: () => (++tries === 1 ? new Promise(() => {}) : Promise.resolve()),
    });
    const started = start();
    controller.abort();
    await expect(started).rejects.toMatchObject({ code: "cancelled" });
    await settle();
    expect(lifecycle.state).toBe("created");
    await lifecycle.start({ signal: unhurried, progress() {} });
    expect(lifecycle.state).toBe("ready");
  });

  it("waits with its end for calls that are under way", async () => {
    const { lifecycle, start } = createBench({});
    await start();
    const [leave, leaveToo] = [lifecycle.enter(), lifecycle.enter()];
    const stopped = lifecycle.stop(unhurried);
    leave();
    leave();
    await settle();
    expect(lifecycle.state).toBe("stopping");
    leaveToo();
    await stopped;
    expect(lifecycle.state).toBe("stopped");
  });

  it("starts, and stays of use, for calls that are under way while it is to stop", async () => {
    const { lifecycle, start } = createBench({});
    const leave = lifecycle.enter();
    const stopped = lifecycle.stop(unhurried);
    await start();
    await start();
    leave();
    await stopped;
    await expect(start()).rejects.toMatchObject({ code: "backend-unavailable" });
  });

  it("ends at once when it is hurried, also where somebody waits patiently already", async () => {
    const { lifecycle, start } = createBench({});
    await start();
    lifecycle.enter();
    const patient = lifecycle.stop(unhurried);
    await lifecycle.stop(AbortSignal.abort());
    await patient;
    expect(lifecycle.state).toBe("stopped");
  });

  it("stays stopping where a start under way ends only then", async () => {
    const gate = createGate();
    const { lifecycle, states, start } = createBench({ initialize: () => gate.promise });
    const leave = lifecycle.enter();
    const started = start();
    const stopped = lifecycle.stop(unhurried);
    gate.open();
    await started;
    leave();
    await stopped;
    expect(states).toEqual(["initialising", "stopping", "stopped"]);
  });

  it("starts no more once it is being stopped", async () => {
    const { lifecycle, start } = createBench({});
    await lifecycle.stop(unhurried);
    await expect(start()).rejects.toMatchObject({
      code: "backend-unavailable",
      message: "ollama is being stopped.",
    });
  });

  it.each<[string, () => Promise<void>, string]>([
    ["hangs", () => new Promise(() => {}), "ollama did not shut down within 2000 ms."],
    ["fails", () => Promise.reject(new Error("busy")), "busy"],
  ])("ends though its shutdown %s", async (_, shutdown, message) => {
    vi.useFakeTimers();
    const { lifecycle, states } = createBench({ shutdown });
    await Promise.all([lifecycle.stop(unhurried), vi.advanceTimersByTimeAsync(2000)]);
    expect(states).toEqual(["stopping", `stopped: ${message}`]);
  });
});
