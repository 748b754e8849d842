import { describe, expect, it } from "vitest";
import type { Backend } from "../contract/backend.ts";
import {
  createGate,
  createTestGateway as gatewayOf,
  defineTestBackend,
  echoing,
  pausing,
  saying,
  settings,
  settle,
  textOf,
} from "./__fixtures__/test-gateway.ts";

const hello = { prompt: "hello there" };

function refused(): Promise<never> {
  return Promise.reject(new Error("connection refused"));
}

function never(): Promise<void> {
  return new Promise(() => {});
}

describe("a backend that does not start", () => {
  it.each<[string, Backend | (() => Backend)]>([
    ["fails to initialise", { capabilities: { chat: saying("hi") }, initialize: refused }],
    [
      "can't be made",
      () => {
        throw new Error("connection refused");
      },
    ],
  ])("takes nothing else down where it %s", async (_, broken) => {
    const gateway = gatewayOf({ broken, echo: echoing });
    await expect(gateway.call("chat", hello, { model: "broken/x" })).rejects.toMatchObject({
      code: "backend-unavailable",
      message: "connection refused",
      backend: "broken",
      model: "x",
    });
    expect((await gateway.call("chat", hello, { model: "echo/x" })).result).toBeDefined();
    expect(await gateway.backends({ health: true })).toMatchObject([
      { name: "broken", state: "failed", reason: "connection refused", health: "unhealthy" },
      {
        name: "echo",
        state: "ready",
        health: "healthy",
        capabilities: ["chat", "completion", "classification"],
      },
    ]);
  });

  it("is tried again by the next call", async () => {
    let tries = 0;
    const initialize = () => (++tries === 1 ? refused() : Promise.resolve());
    const gateway = gatewayOf(
      { shy: { capabilities: { chat: saying("hi") }, initialize } },
      { backends: { shy: { retry: { attempts: 1 } } } },
    );
    await expect(gateway.call("chat", hello, { model: "shy/x" })).rejects.toThrow(
      "connection refused",
    );
    await gateway.call("chat", hello, { model: "shy/x" });
    expect(gateway.states).toEqual([
      "shy initialising",
      "shy failed",
      "shy initialising",
      "shy ready",
    ]);
  });

  it("holds nobody where it hangs, and is tried again by the next call", async () => {
    let tries = 0;
    const initialize = () => (++tries === 1 ? new Promise<void>(() => {}) : Promise.resolve());
    const gateway = gatewayOf({
      slow: { capabilities: { chat: saying("hi") }, initialize },
      echo: echoing,
    });
    const waiting = gateway.call("chat", hello, { model: "slow/x", timeoutMs: 30 });
    await gateway.call("chat", hello, { model: "echo/x" });
    await expect(waiting).rejects.toMatchObject({ code: "timeout", backend: "slow" });
    await gateway.call("chat", hello, { model: "slow/x" });
  });
});

describe("backends that come and go", () => {
  it("end their calls first; new ones go to the new backend", async () => {
    const gate = createGate();
    let stopped = false;
    const gateway = gatewayOf({
      one: {
        capabilities: { chat: pausing(gate) },
        async shutdown() {
          stopped = true;
        },
      },
    });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    let changes = 0;
    gateway.on("models", () => changes++);
    const replaced = gateway.addBackend(
      defineTestBackend("one", { capabilities: { chat: saying("new") } }),
      { name: "one", settings: { ...settings, type: "one" }, options: {} },
    );
    expect(changes).toBe(1);
    expect((await gateway.call("chat", hello, { model: "one/x" })).result).toMatchObject({
      text: "new",
    });
    expect(stopped).toBe(false);
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await replaced;
    expect(stopped).toBe(true);
  });

  it("are gone at once for new calls when they are taken out, and once only", async () => {
    const gate = createGate();
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(gate) } }, echo: echoing });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    const removed = gateway.removeBackend("one");
    await expect(gateway.call("chat", hello, { model: "one/x" })).rejects.toMatchObject({
      code: "model-not-found",
    });
    await expect(gateway.removeBackend("one")).rejects.toMatchObject({ code: "model-not-found" });
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await removed;
    expect(gateway.states.slice(-2)).toEqual(["one stopping", "one stopped"]);
  });
});

describe("closing", () => {
  it("waits for calls under way, and takes no new one", async () => {
    const gate = createGate();
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(gate) } } });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    const closed = gateway.close({ drainMs: 10_000 });
    await expect(gateway.call("chat", hello, { model: "one/x" })).rejects.toMatchObject({
      code: "cancelled",
    });
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await closed;
    expect(gateway.states.at(-1)).toBe("one stopped");
  });

  it("ends what takes longer than it may, and what nobody reads", async () => {
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(createGate()) } } });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    await gateway.stream("chat", hello, { model: "one/y" });
    const waiting = gateway.call("chat", hello, { model: "one/z" });
    const ended = waiting.catch((error: { code: string }) => error.code);
    const startedAt = performance.now();
    await gateway.close({ drainMs: 50 });
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await expect(textOf(events)).rejects.toMatchObject({ code: "cancelled" });
    expect(await ended).toBe("cancelled");
  });

  it("ends within its limit though a backend hangs in its shutdown, a removed one too", async () => {
    const chat = saying("hi");
    const gateway = gatewayOf({
      one: { capabilities: { chat }, shutdown: never },
      two: { capabilities: { chat }, shutdown: never },
    });
    void gateway.removeBackend("two");
    const startedAt = performance.now();
    await gateway.close({ drainMs: 0 });
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect(gateway.lines).toEqual([
      "two stopped: two did not shut down within 2000 ms.",
      "one stopped: one did not shut down within 2000 ms.",
    ]);
  });

  it("ends a pull", async () => {
    let aborted = false;
    const gateway = gatewayOf({
      one: {
        capabilities: {},
        async *pull(model, { signal }) {
          yield { phase: "pull", model, doneBytes: 1 };
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          aborted = true;
          throw signal.reason;
        },
      },
    });
    const pulled = gateway.pull("one/x").catch((error: { code: string }) => error.code);
    await settle();
    await gateway.close({ drainMs: 10 });
    expect(await pulled).toBe("cancelled");
    expect(aborted).toBe(true);
  });
});
