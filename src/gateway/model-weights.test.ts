import { describe, expect, it } from "vitest";
import type { Progress } from "../contract/progress.ts";
import {
  createEngine,
  createGate,
  createTestGateway as gatewayOf,
  echoing,
  pausing,
  settle,
  textOf,
} from "./__fixtures__/test-gateway.ts";

const hello = { prompt: "hello there" };

/** One whose model `a` is not here; `b` is. */
function absent() {
  return createEngine([{ name: "a", installed: false }, { name: "b" }]);
}

function open() {
  const gate = createGate();
  gate.open();
  return gate;
}

const bytes = 6_000_000;
const small = { memory: { budget: 10_000_000 } };

describe("models in memory", () => {
  it("are loaded by the first call, once for all who wait, each told how it goes", async () => {
    const gate = createGate();
    const { backend, story } = createEngine([{ name: "a" }], { loading: gate.promise });
    const gateway = gatewayOf({ engine: backend });
    const heard: Progress[][] = [[], []];
    const answers = heard.map((all) =>
      gateway.call("chat", hello, { model: "engine/a", onProgress: (event) => all.push(event) }),
    );
    await settle();
    gate.open();
    await Promise.all(answers);
    await gateway.call("chat", hello, { model: "engine/a" });
    expect(story).toEqual(["load a"]);
    const progress = [{ phase: "load", model: "a", fraction: 0.5 }];
    expect(heard).toEqual([progress, progress]);
    expect(await gateway.models()).toMatchObject([{ name: "engine/a", loaded: true }]);
  });

  it("go on loading while anybody waits, and stop loading when the last one leaves", async () => {
    const { backend, story } = createEngine([{ name: "a" }], { loading: createGate().promise });
    const gateway = gatewayOf({ engine: backend });
    const callers = [new AbortController(), new AbortController()];
    const codes = callers.map(({ signal }) =>
      gateway
        .call("chat", hello, { model: "engine/a", signal })
        .catch((error: { code: string }) => error.code),
    );
    await settle();
    callers[0]!.abort();
    expect(await codes[0]).toBe("cancelled");
    await settle();
    expect(story).toEqual(["load a"]);
    callers[1]!.abort();
    expect(await codes[1]).toBe("cancelled");
    await settle();
    const again = gateway.call("chat", hello, { model: "engine/a", timeoutMs: 20 });
    await expect(again).rejects.toMatchObject({ code: "timeout" });
    expect(story).toEqual(["load a", "load a"]);
  });

  it("make room for each other; two that take turns both get theirs", async () => {
    const models = ["a", "b"].map((name) => ({ name, memoryBytes: bytes }));
    const { backend, story } = createEngine(models);
    const gateway = gatewayOf({ engine: backend }, small);
    const names = ["a", "b", "a", "b", "b", "a"];
    const answers = names.map((name) => gateway.call("chat", hello, { model: `engine/${name}` }));
    expect(await Promise.all(answers)).toHaveLength(6);
    expect(story.slice(0, 3)).toEqual(["load a", "unload a", "load b"]);
  });

  it("are never unloaded while they answer", async () => {
    const gate = createGate();
    const models = ["a", "b"].map((name) => ({ name, memoryBytes: bytes }));
    const { backend, story } = createEngine(models);
    backend.capabilities.chat = pausing(gate);
    const gateway = gatewayOf({ engine: backend }, small);
    const { events } = await gateway.stream("chat", hello, { model: "engine/a" });
    const waiting = gateway.call("chat", hello, { model: "engine/b" });
    const unloading = gateway.unload("engine/a");
    await settle();
    expect(story).toEqual(["load a"]);
    gate.open();
    await textOf(events);
    await Promise.all([waiting, unloading]);
    expect(story).toEqual(["load a", "unload a", "load b"]);
  });

  it("come to those who wait for room, though calls on another go on without a break", async () => {
    const gates = [createGate(), createGate()];
    const models = ["a", "b"].map((name) => ({ name, memoryBytes: bytes }));
    const { backend, story } = createEngine(models);
    let asked = 0;
    backend.capabilities.chat = (request, context) =>
      pausing(gates[asked++] ?? open())(request, context);
    const gateway = gatewayOf({ engine: backend }, small);
    const first = await gateway.stream("chat", hello, { model: "engine/a" });
    const waiting = gateway.call("chat", hello, { model: "engine/b" });
    await settle();
    const gaveUp = new AbortController();
    const next = gateway.call("chat", hello, { model: "engine/a" });
    const left = gateway.call("chat", hello, { model: "engine/a", signal: gaveUp.signal });
    gaveUp.abort();
    await expect(left).rejects.toMatchObject({ code: "cancelled" });
    gates[0]!.open();
    await textOf(first.events);
    gates[1]!.open();
    await Promise.all([waiting, next]);
    expect(story).toEqual(["load a", "unload a", "load b", "unload b", "load a"]);
  });

  it("do not make others wait once who waited for room has given up", async () => {
    const gate = createGate();
    const models = ["a", "b"].map((name) => ({ name, memoryBytes: bytes }));
    const { backend, story } = createEngine(models);
    backend.capabilities.chat = pausing(gate);
    const gateway = gatewayOf({ engine: backend }, small);
    const { events } = await gateway.stream("chat", hello, { model: "engine/a" });
    const waiting = gateway.call("chat", hello, { model: "engine/b", timeoutMs: 20 });
    await settle();
    const next = gateway.stream("chat", hello, { model: "engine/a" });
    await expect(waiting).rejects.toMatchObject({ code: "timeout" });
    await expect(next).resolves.toBeDefined();
    gate.open();
    await Promise.all([textOf(events), textOf((await next).events)]);
    expect(story).toEqual(["load a"]);
  });

  it("that fail to load give their room back, and say why", async () => {
    const models = ["a", "b"].map((name) => ({ name, memoryBytes: bytes }));
    const { backend, state, story } = createEngine(models);
    state.failures = 1;
    const gateway = gatewayOf(
      { engine: backend },
      { ...small, backends: { engine: { retry: { attempts: 1 } } } },
    );
    await expect(gateway.call("chat", hello, { model: "engine/a" })).rejects.toMatchObject({
      code: "backend-error",
      message: "out of memory",
      backend: "engine",
      model: "a",
    });
    await gateway.call("chat", hello, { model: "engine/b" });
    expect(story).toEqual(["load a", "load b"]);
  });

  it("that are too large are refused before they are loaded", async () => {
    const { backend, story } = createEngine([{ name: "a", sizeBytes: 11_000_000 }]);
    await expect(
      gatewayOf({ engine: backend }, small).call("chat", hello, { model: "engine/a" }),
    ).rejects.toMatchObject({ code: "insufficient-memory" });
    expect(story).toEqual([]);
  });

  it("are not those of a backend that was here under the same name", async () => {
    const former = createEngine([{ name: "a" }]);
    const next = createEngine([{ name: "a" }]);
    let made = 0;
    const gateway = gatewayOf({ engine: () => (++made === 1 ? former : next).backend });
    await gateway.call("chat", hello, { model: "engine/a" });
    await gateway.configure({ backends: { engine: { maxConcurrent: 2 } } });
    await gateway.call("chat", hello, { model: "engine/a" });
    expect(next.story).toEqual(["load a"]);
  });
});

describe("weights that are not here", () => {
  it("are fetched unasked for a model that the configuration names", async () => {
    const { backend, story } = absent();
    const gateway = gatewayOf({ engine: backend }, { defaults: { chat: "engine/a" } });
    const heard: Progress[] = [];
    await gateway.call("chat", hello, { onProgress: (event) => heard.push(event) });
    expect(story).toEqual(["pull a", "load a"]);
    expect(heard).toContainEqual({ phase: "pull", model: "a", doneBytes: 5, totalBytes: 10 });
  });

  it.each<[string, Parameters<typeof gatewayOf>[1], Parameters<typeof gatewayOf>[2]]>([
    ["an alias", { models: [{ name: "x", targets: ["engine/a"] }] }, {}],
    ["the backend itself, as its default", {}, { engine: { chat: "a" } }],
    ["autoPull", { backends: { engine: { autoPull: true } } }, {}],
  ])("are fetched unasked where it is named by %s", async (_, configuration, defaults) => {
    const { backend, story } = absent();
    await gatewayOf({ engine: backend }, configuration, defaults).call("chat", hello, {
      model: "engine/a",
    });
    expect(story).toEqual(["pull a", "load a"]);
  });

  it.each<[string, Parameters<typeof gatewayOf>[1]]>([
    ["nobody named it", {}],
    [
      "autoPull is off",
      { defaults: { chat: "engine/a" }, backends: { engine: { autoPull: false } } },
    ],
  ])("are an error with the command where %s, known or not", async (_, configuration) => {
    const { backend, story } = absent();
    delete backend.load;
    const gateway = gatewayOf({ engine: backend }, configuration);
    await gateway.call("chat", hello, { model: "engine/b" });
    await gateway.models();
    await expect(gateway.call("chat", hello, { model: "engine/a" })).rejects.toMatchObject({
      code: "model-not-found",
      message: "The weights of engine/a are not here.",
      remedy: "Fetch them with `modelyard pull engine/a`.",
    });
    expect(story).toEqual([]);
  });

  it("are fetched once for all who ask, but held to each digest that is asked for", async () => {
    const gate = createGate();
    const { backend, story } = createEngine([{ name: "a", installed: false }], {
      loading: gate.promise,
    });
    const gateway = gatewayOf({ engine: backend });
    const pulls = [{}, {}, { sha256: "00" }].map((options) => gateway.pull("engine/a", options));
    await settle();
    gate.open();
    expect(await Promise.all(pulls)).toEqual(
      pulls.map(() => ({ model: "engine/a", sizeBytes: 10, digest: "sha256:ab" })),
    );
    expect(story).toEqual(["pull a", "pull a"]);
  });

  it("are told by the name that they can be called by, whatever they were asked for by", async () => {
    const { backend } = createEngine([{ name: "owner/a.gguf", installed: false }]);
    const gateway = gatewayOf({ "llama-cpp": backend });
    const { model } = await gateway.pull("hf:owner/a.gguf");
    expect(model).toBe("llama-cpp/owner/a.gguf");
    await expect(gateway.call("chat", hello, { model })).resolves.toBeDefined();
  });

  it("are fetched from a reference by another backend of its kind, where the built-in one is off", async () => {
    const { backend } = createEngine([{ name: "owner/a.gguf", installed: false }]);
    const gateway = gatewayOf(
      { "llama-cpp": backend },
      { backends: { "llama-cpp": { enabled: false }, mine: { type: "llama-cpp" } } },
    );
    await expect(gateway.pull("hf:owner/a.gguf")).resolves.toMatchObject({
      model: "mine/owner/a.gguf",
    });
  });

  it("are told by the name they were asked for by, where the backend tells none", async () => {
    const backend = { ...echoing(), async *pull() {} };
    await expect(gatewayOf({ echo: backend }).pull("echo/x")).resolves.toEqual({ model: "echo/x" });
  });

  it("can't be fetched by a backend that does not know how", async () => {
    await expect(gatewayOf({ echo: echoing }).pull("echo/x")).rejects.toMatchObject({
      code: "capability-not-supported",
      message: "echo can't fetch models.",
    });
  });

  it("are unloaded before they are deleted", async () => {
    const { backend, story } = absent();
    const gateway = gatewayOf({ engine: backend });
    await gateway.call("chat", hello, { model: "engine/b" });
    await gateway.remove("engine/b");
    expect(story).toEqual(["load b", "unload b", "remove b"]);
  });
});
