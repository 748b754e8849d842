import { describe, expect, it } from "vitest";
import type { Backend } from "../contract/backend.ts";
import {
  createEngine,
  createGate,
  createTestGateway as gatewayOf,
  echoing,
  pausing,
  saying,
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
      message: expect.stringContaining("connection refused") as string,
      backend: "broken",
      model: "x",
    });
    // What one call was told says nothing of another.
    await expect(gateway.call("chat", hello, { model: "broken/y" })).rejects.toMatchObject({
      backend: "broken",
      model: "y",
    });
    expect((await gateway.call("chat", hello, { model: "echo/x" })).result).toBeDefined();
    const reason = expect.stringContaining("connection refused") as string;
    expect(await gateway.backends({ health: true })).toMatchObject([
      { name: "broken", state: "failed", reason, health: "unhealthy" },
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

describe("a configuration that becomes another", () => {
  it("replaces what has changed: its calls end first, new ones go to the new backend", async () => {
    const gate = createGate();
    let made = 0;
    let stopped = 0;
    const gateway = gatewayOf({
      one: () => ({
        capabilities: { chat: ++made === 1 ? pausing(gate) : saying("new") },
        async shutdown() {
          stopped++;
        },
      }),
    });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    let changes = 0;
    gateway.on("models", () => changes++);
    const replaced = gateway.configure({ backends: { one: { maxConcurrent: 3 } } });
    expect(changes).toBe(1);
    expect((await gateway.call("chat", hello, { model: "one/x" })).result).toMatchObject({
      text: "new",
    });
    expect(stopped).toBe(0);
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await replaced;
    expect(stopped).toBe(1);
  });

  it("has what is gone leave at once for new calls", async () => {
    const gate = createGate();
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(gate) } }, echo: echoing });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    const removed = gateway.configure({ backends: { one: { enabled: false } } });
    await expect(gateway.call("chat", hello, { model: "one/x" })).rejects.toMatchObject({
      code: "model-not-found",
    });
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await removed;
    expect(gateway.states.slice(-2)).toEqual(["one stopping", "one stopped"]);
  });

  it("leaves alone what is the same: it is made once, and keeps its models in memory", async () => {
    const { backend, story } = createEngine([{ name: "m", sizeBytes: 10 }]);
    let made = 0;
    const gateway = gatewayOf({
      engine: () => {
        made++;
        return backend;
      },
      other: { capabilities: { chat: saying("hi") } },
    });
    await gateway.call("chat", hello, { model: "engine/m" });
    await gateway.configure({
      backends: { other: { enabled: false } },
      models: [{ name: "assistant", targets: ["engine/m"] }],
    });
    expect((await gateway.call("chat", hello, { model: "assistant" })).target.backend).toBe(
      "engine",
    );
    expect({ made, story }).toEqual({ made: 1, story: ["load m"] });
  });

  it("swaps names, defaults, privacy and memory at once", async () => {
    const { backend, story } = createEngine([{ name: "m", memoryBytes: 1000 }]);
    const gateway = gatewayOf({
      one: { capabilities: { chat: saying("one") } },
      two: { capabilities: { chat: saying("two") } },
      engine: backend,
    });
    const say = async (model?: string) =>
      (await gateway.call("chat", hello, { model })).target.backend;
    await gateway.configure({
      models: [{ name: "a", targets: ["one/x"] }],
      defaults: { chat: "one/x" },
    });
    expect([await say(), await say("a")]).toEqual(["one", "one"]);
    await say("engine/m");
    await gateway.configure({
      models: [{ name: "b", targets: ["two/x"] }],
      defaults: { chat: "two/x" },
      memory: { budget: 500 },
    });
    expect([await say(), await say("b")]).toEqual(["two", "two"]);
    await expect(say("a")).rejects.toMatchObject({ code: "model-not-found" });
    expect(story).toEqual(["load m", "unload m"]);
    await gateway.configure({ privacy: { allow: "device" } });
    await expect(say("one/x")).rejects.toMatchObject({ code: "privacy-violation" });
  });

  it("is not what a call goes by that began before", async () => {
    const gate = createGate();
    const { promise: asked, resolve: listed } = Promise.withResolvers<void>();
    const gateway = gatewayOf(
      {
        one: {
          capabilities: { chat: saying("one") },
          async listModels() {
            listed();
            await gate.promise;
            return [{ name: "x" }];
          },
        },
      },
      { models: [{ name: "a", targets: ["one/x"] }] },
    );
    const call = gateway.call("chat", hello, { model: "a" });
    await asked;
    const changed = gateway.configure({ backends: { one: { enabled: false } } });
    gate.open();
    expect((await call).result).toMatchObject({ text: "one" });
    await changed;
  });

  it("lets a call try again that waits to, or go on to a target that it has yet to try", async () => {
    const gate = createGate();
    const tried: string[] = [];
    async function* failing(): AsyncGenerator<never> {
      tried.push("first");
      yield await gate.promise.then(() => Promise.reject(new Error("It broke.")));
    }
    const gateway = gatewayOf(
      {
        first: { capabilities: { chat: failing } },
        second: { capabilities: { chat: saying("2") } },
      },
      {
        backends: { first: { retry: { attempts: 2 } } },
        models: [{ name: "a", targets: ["first/x", "second/x"] }],
      },
    );
    const call = gateway.call("chat", hello, { model: "a" });
    await settle();
    const changed = gateway.configure({
      backends: { first: { enabled: false }, second: { enabled: false } },
    });
    gate.open();
    expect((await call).result).toMatchObject({ text: "2" });
    expect(tried).toEqual(["first", "first"]);
    await changed;
    expect(gateway.states.slice(-2).toSorted()).toEqual(["first stopped", "second stopped"]);
  });

  it("lets a pull end that has begun", async () => {
    const gate = createGate();
    const { backend, story } = createEngine([{ name: "m" }], { loading: gate.promise });
    const gateway = gatewayOf({ engine: backend });
    const pulled = gateway.pull("engine/m");
    await settle();
    const changed = gateway.configure({ backends: { engine: { enabled: false } } });
    await settle();
    expect(gateway.states.at(-1)).toBe("engine stopping");
    gate.open();
    expect(await pulled).toMatchObject({ model: "engine/m" });
    await changed;
    expect(story).toEqual(["pull m"]);
  });

  it("changes nothing once the gateway is closing", async () => {
    const gateway = gatewayOf({ one: { capabilities: { chat: saying("one") } } });
    await gateway.close();
    await gateway.configure({ backends: { one: { maxConcurrent: 2 } } });
    expect(gateway.states).toEqual(["one stopping", "one stopped"]);
  });
});

describe("closing", () => {
  it("waits for calls under way, and takes no new one", async () => {
    const gate = createGate();
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(gate) } } });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    const closed = gateway.close({ drainMs: 10_000 });
    await expect(gateway.call("chat", hello, { model: "one/x" })).rejects.toMatchObject({
      code: "backend-unavailable",
    });
    gate.open();
    expect(await textOf(events)).toBe("ab");
    await closed;
    expect(gateway.states.at(-1)).toBe("one stopped");
  });

  it("ends what takes longer than it may, and what nobody reads, though their handlers never end", async () => {
    const gateway = gatewayOf({ one: { capabilities: { chat: pausing(createGate()) } } });
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    await gateway.stream("chat", hello, { model: "one/y" });
    const waiting = gateway.call("chat", hello, { model: "one/z" });
    const ended = waiting.catch((error: { code: string }) => error.code);
    await gateway.close({ drainMs: 50 });
    await expect(textOf(events)).rejects.toMatchObject({ code: "backend-unavailable" });
    expect(await ended).toBe("backend-unavailable");
  });

  it("ends within its limit though a backend hangs in its shutdown, a removed one too", async () => {
    const chat = saying("hi");
    const gateway = gatewayOf({
      one: { capabilities: { chat }, shutdown: never },
      two: { capabilities: { chat }, shutdown: never },
    });
    void gateway.configure({ backends: { two: { enabled: false } } });
    await gateway.close({ drainMs: 0 });
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
    expect(await pulled).toBe("backend-unavailable");
    expect(aborted).toBe(true);
  });
});
