import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineBackend, type Backend, type Model } from "../contract/backend.ts";
import { createTestGateway, defineTestBackend, saying } from "./__fixtures__/test-gateway.ts";

const hello = { prompt: "hello" };
const gatewayOf = createTestGateway;

/** A backend whose models must be fetched first, and that writes down what it is asked for. */
function createServerWithModels(names: string[]) {
  const models: Model[] = names.map((name) => ({ name, aliases: [name.replace(/:latest$/, "")] }));
  const story: string[] = [];
  const backend: Backend = {
    capabilities: { chat: saying("hi") },
    listModels: async () => [...models],
    async *pull(name) {
      story.push(`pull ${name}`);
      yield { phase: "pull", model: name, doneBytes: 1, totalBytes: 2 };
      models.push({ name: `${name}:latest`, aliases: [name] });
      return { name: `${name}:latest` };
    },
    async load(name) {
      story.push(`load ${name}`);
    },
    async unload() {},
  };
  return { backend, story, models };
}

describe("a model that a server does not have", () => {
  it("is fetched once for all who ask, where that is allowed, with progress to each", async () => {
    const { backend, story } = createServerWithModels([]);
    const gateway = gatewayOf({ server: backend }, { backends: { server: { autoPull: true } } });
    const progress = Array.from({ length: 10 }, () => [] as string[]);
    await Promise.all(
      progress.map((heard) =>
        gateway.call("chat", hello, {
          model: "server/small",
          onProgress: ({ phase }) => heard.push(phase),
        }),
      ),
    );
    expect(story).toEqual(["pull small", "load small:latest"]);
    for (const heard of progress) expect(heard).toContain("pull");
  });

  it("is not fetched unasked: the error says how to fetch it", async () => {
    const { backend, story } = createServerWithModels(["small:latest"]);
    await expect(
      gatewayOf({ server: backend }).call("chat", hello, { model: "server/smal" }),
    ).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining("small"),
      remedy: expect.stringContaining("modelyard pull"),
    });
    expect(story).toEqual([]);
  });

  it("is fetched for a model that the configuration names", async () => {
    const { backend, story } = createServerWithModels([]);
    const gateway = gatewayOf({ server: backend }, { defaults: { chat: "server/small" } });
    await gateway.call("chat", hello);
    expect(story).toContain("pull small");
  });
});

const offlineError = {
  code: "download-failed",
  remedy: expect.stringContaining("--offline") as string,
};

describe("offline", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ["a server is asked for no model", "http://127.0.0.1:9", [], [offlineError, offlineError]],
    ["what is embedded knows itself what is here", undefined, ["pull small"], [{}, {}]],
  ])("%s", async (_, url, asked, told) => {
    vi.stubEnv("MODELYARD_OFFLINE", "1");
    const { backend, story } = createServerWithModels([]);
    const definition = {
      ...defineTestBackend("server", backend),
      upstream: () => (url === undefined ? undefined : { url }),
    };
    const gateway = gatewayOf([definition], { backends: { server: { autoPull: true } } });
    const answers = [
      await gateway.pull("server/small").catch((error: unknown) => error),
      await gateway.call("chat", hello, { model: "server/small" }).catch((error: unknown) => error),
    ];
    expect(story.filter((line) => line.startsWith("pull"))).toEqual(asked);
    expect(answers).toMatchObject(told);
  });
});

it("a model is the same by each of its names", async () => {
  const { backend, story } = createServerWithModels(["small:latest"]);
  const gateway = gatewayOf({ server: backend });
  for (const model of ["server/small", "server/small:latest", "server/small"])
    await gateway.call("chat", hello, { model });
  expect(story).toEqual(["load small:latest"]);
});

it("a model that has gone since it was listed is asked for anew", async () => {
  let listed = 0;
  const backend: Backend = {
    capabilities: {
      async *chat() {
        yield* [];
        const { ModelyardError } = await import("../contract/errors.ts");
        throw new ModelyardError("model-not-found", "model 'small' not found");
      },
    },
    async listModels() {
      listed++;
      return [{ name: "small" }];
    },
  };
  const gateway = gatewayOf({ server: backend });
  for (let call = 0; call < 2; call++)
    await expect(gateway.call("chat", hello, { model: "server/small" })).rejects.toMatchObject({
      code: "model-not-found",
    });
  expect(listed).toBe(2);
});

function definitionAt(upstream: string | undefined, models: Model[] = [{ name: "m" }]) {
  return defineBackend({
    type: "server",
    builtIn: true,
    config: z.strictObject({}),
    ...(upstream === undefined ? {} : { upstream: () => ({ url: upstream }) }),
    create: () => ({ capabilities: { chat: saying("hi") }, listModels: async () => models }),
  });
}

describe("how far prompts travel", () => {
  it.each([
    ["http://127.0.0.1:11434", "device"],
    ["http://localhost:1234/v1", "device"],
    ["http://10.0.0.5:8000/v1", "network"],
    ["https://192.0.2.1/v1", "remote"],
    ["https://name.invalid/v1", "remote"],
    [undefined, "remote"],
  ])("is read from the address %s: %s", async (url, privacy) => {
    const gateway = gatewayOf([definitionAt(url)]);
    expect(await gateway.backends()).toMatchObject([{ privacy }]);
    expect(await gateway.models()).toMatchObject([{ name: "server/m", privacy }]);
  });

  it("is a model's own where a local server hands on to a cloud", async () => {
    const models: Model[] = [{ name: "near" }, { name: "big:cloud", privacy: "remote" }];
    const gateway = gatewayOf([definitionAt("http://127.0.0.1:11434", models)]);
    const listed = await gateway.models();
    expect(listed.map(({ name, privacy }) => [name, privacy])).toEqual([
      ["server/near", "device"],
      ["server/big:cloud", "remote"],
    ]);
  });
});

describe("a server's health", () => {
  it("is told with its reason, and of a change those who listen hear", async () => {
    let up = true;
    const definition = defineBackend({
      type: "server",
      builtIn: true,
      config: z.strictObject({}),
      upstream: () => ({ url: "http://127.0.0.1:1" }),
      create: () => ({
        capabilities: { chat: saying("hi") },
        async healthCheck() {
          if (!up) throw new Error("the connection was refused");
          return { status: "healthy" };
        },
      }),
    });
    const gateway = gatewayOf([definition]);
    const heard: unknown[] = [];
    gateway.on("health", (now) => heard.push(now));
    expect(await gateway.backends()).toMatchObject([{ health: "unknown" }]);
    await gateway.call("chat", hello, { model: "server/x" });
    await expect.poll(() => heard).toEqual([{ backend: "server", status: "healthy" }]);
    expect(await gateway.backends()).toMatchObject([{ health: "healthy" }]);
    up = false;
    const unhealthy = { status: "unhealthy", reason: "the connection was refused" };
    await expect
      .poll(() => heard, { timeout: 20_000 })
      .toEqual([
        { backend: "server", status: "healthy" },
        { backend: "server", ...unhealthy },
      ]);
    expect(await gateway.backends()).toMatchObject([
      { health: "unhealthy", reason: unhealthy.reason },
    ]);
    expect(gateway.lines).toContain("server is unhealthy: the connection was refused");
    await gateway.close();
  });
});

it("what a server lists as loaded and then frees is loaded anew", async () => {
  let free: ((model?: string) => void) | undefined;
  const loads: string[] = [];
  const definition = defineBackend({
    type: "server",
    builtIn: true,
    config: z.strictObject({}),
    create: ({ unloaded }) => {
      free = unloaded;
      return {
        capabilities: { chat: saying("hi") },
        listModels: async () => [{ name: "a" }],
        async load(name) {
          loads.push(name);
        },
      };
    },
  });
  const gateway = gatewayOf([definition]);
  await gateway.call("chat", hello, { model: "server/a" });
  await gateway.call("chat", hello, { model: "server/a" });
  free?.("a");
  await gateway.call("chat", hello, { model: "server/a" });
  expect(loads).toEqual(["a", "a"]);
});
