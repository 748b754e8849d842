import { z } from "zod";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Backend, defineBackend } from "../contract/backend.ts";
import { embedding } from "../contract/capabilities/embedding.ts";
import { defineCapability, deriveFrom } from "../contract/capability.ts";
import { createTestGateway, saying } from "./__fixtures__/test-gateway.ts";
import type { ConfigurationInput } from "./configuration.ts";

const chat = { chat: saying("hi") };
const embed = { embedding: async () => ({ embeddings: [[1]], usage: {} }) };
const lists = (...names: string[]) => ({
  listModels: async () => names.map((name) => ({ name })),
});

const backends: Record<string, Backend> = {
  any: { capabilities: chat },
  alpha: { capabilities: chat, ...lists("qwen3:4b", "shared") },
  beta: { capabilities: { ...chat, ...embed }, ...lists("org/llama", "shared", "solo") },
  tagged: {
    capabilities: chat,
    listModels: async () => [
      { name: "small:latest", aliases: ["small"] },
      { name: "other:latest", aliases: ["solo"] },
    ],
  },
  embedder: { capabilities: embed, ...lists("minilm") },
};

afterEach(() => {
  vi.useRealTimers();
});

/** Where a name leads: `backend/model`. */
async function lead(
  model: string | undefined,
  { capability = "chat", ...configuration }: ConfigurationInput & { capability?: string } = {},
  more: Record<string, Backend> = {},
): Promise<string> {
  const gateway = createTestGateway({ ...backends, ...more }, configuration, {
    beta: { chat: "solo" },
  });
  const request = capability === "chat" ? { prompt: "x" } : { input: "x" };
  const { target } = await gateway.call(capability, request, { model });
  await gateway.close();
  return `${target.backend}/${target.model}`;
}

const models = [
  { name: "assistant", targets: ["alpha/qwen3:4b"] },
  { name: "vectors", targets: ["embedder/minilm"] },
];

describe("a name leads", () => {
  it.each<[string, string | undefined, Parameters<typeof lead>[1], string]>([
    ["to a backend's model", "alpha/qwen3:4b", {}, "alpha/qwen3:4b"],
    ["split at the first slash", "beta/org/llama", {}, "beta/org/llama"],
    ["with a slash to the one backend that lists it", "org/llama", {}, "beta/org/llama"],
    ["anywhere at a backend that takes any name", "any/thing", {}, "any/thing"],
    ["through an alias", "assistant", { models }, "alpha/qwen3:4b"],
    ["to the one backend that lists it", "solo", {}, "beta/solo"],
    ["to the one backend that knows it by another name", "small", {}, "tagged/small"],
    [
      "to an alias before a listed model",
      "solo",
      { models: [{ name: "solo", targets: ["any/x"] }] },
      "any/x",
    ],
    [
      "from nothing to the default",
      undefined,
      { models, defaults: { chat: "beta/solo" } },
      "beta/solo",
    ],
    [
      "from nothing to an alias that is the default",
      undefined,
      { models, defaults: { chat: "assistant" } },
      "alpha/qwen3:4b",
    ],
    [
      "from nothing to the first entry that can do it",
      undefined,
      { models, capability: "embedding" },
      "embedder/minilm",
    ],
    ["from nothing to the embedded model", undefined, {}, "beta/solo"],
  ])("%s", async (_, name, options, target) => {
    expect(await lead(name, options)).toBe(target);
  });
});

describe("where nobody names a model, a capability that is made from another leads", () => {
  const result = z.object({ size: z.number() });
  const measure = (shown?: "where served") =>
    defineCapability({
      name: "measure",
      description: "How long a text's vector is.",
      names: { tool: "measure", route: "/v1/measure", verb: "measure" },
      request: z.strictObject({ input: z.string() }),
      output: result,
      result,
      text: { input: "input", ofResult: ({ size }) => String(size) },
      collect: (output) => output,
      derive: [
        deriveFrom(embedding, (handler) => async ({ input }: { input: string }, context) => {
          const { embeddings } = await handler({ input: [input] }, context);
          return { size: embeddings.length };
        }),
      ],
      ...(shown === undefined ? {} : { shown }),
    });
  async function lead(configuration: ConfigurationInput, shown?: "where served"): Promise<string> {
    const defaults = { beta: { embedding: "solo" } };
    const gateway = createTestGateway(backends, configuration, defaults, [measure(shown)]);
    const { target } = await gateway.call("measure", { input: "x" }).finally(() => gateway.close());
    return `${target.backend}/${target.model}`;
  }

  it.each<[string, ConfigurationInput, string]>([
    ["to its own default", { defaults: { measure: "any/x", embedding: "beta/solo" } }, "any/x"],
    ["to the first entry that can do it", { models }, "embedder/minilm"],
    ["to the other's default", { defaults: { embedding: "embedder/minilm" } }, "embedder/minilm"],
    ["to the other's embedded model", {}, "beta/solo"],
  ])("%s", async (_, configuration, target) => {
    const found = lead(configuration).catch((error) => `${error.backend}/${error.model}`);
    expect(await found).toBe(target);
  });

  it("nowhere, if it waits to be asked for", async () => {
    const configuration = { defaults: { embedding: "embedder/minilm" } };
    await expect(lead(configuration, "where served")).rejects.toMatchObject({
      message: "No model is configured for measure.",
    });
  });

  it("nowhere, and says whose default that is", async () => {
    await expect(lead({ defaults: { embedding: "asistant" } })).rejects.toThrow(
      "the default leads nowhere: defaults.embedding is",
    );
  });
});

describe("a name that leads nowhere says so, with the nearest right one", () => {
  it.each<[string, string | undefined, Parameters<typeof lead>[1], string]>([
    [
      "an unknown backend",
      "alhpa/x",
      {},
      'No backend is called "alhpa". Did you mean "alpha"? A model is written backend/model.',
    ],
    [
      "an unknown model of a backend",
      "alpha/qwen3:4",
      {},
      'alpha has no model "qwen3:4". Did you mean "qwen3:4b"? It has "qwen3:4b", "shared".',
    ],
    [
      "an unknown alias",
      "asistant",
      { models },
      'There is no model "asistant". Did you mean "assistant"?',
    ],
    ["a backend alone", "beta", {}, '"beta" is a backend: name one of its models, beta/…'],
    ["nearly a backend", "embeder", {}, 'There is no model "embeder". Did you mean "embedder/…"?'],
    [
      "a part of a name with a slash",
      "llama",
      {},
      'There is no model "llama". Did you mean "beta/org/llama"?',
    ],
    [
      "a misspelt name with a slash",
      "org/lama",
      {},
      'There is no model "org/lama". Did you mean "beta/org/llama"?',
    ],
    [
      "a misspelt name with a slash, of a backend",
      "beta/org/lama",
      {},
      'beta has no model "org/lama". Did you mean "beta/org/llama"? It has "org/llama", "shared", "solo".',
    ],
    [
      "a backend that is switched off",
      "beta/solo",
      { backends: { beta: { enabled: false } } },
      'The backend "beta" is switched off. A model is written backend/model.',
    ],
    ["an unknown bare name", "sollo", {}, 'There is no model "sollo". Did you mean "solo"?'],
    [
      "a name that two backends list",
      "shared",
      {},
      '"shared" could be alpha/shared or beta/shared.',
    ],
    ["a backend without a model", "alpha/", {}, '"alpha/" names no model.'],
    [
      "nothing, and no default",
      undefined,
      { backends: { beta: { enabled: false } } },
      "No model is configured for chat.",
    ],
  ])("%s", async (_, name, options, message) => {
    await expect(lead(name, options)).rejects.toMatchObject({
      code: "model-not-found",
      message,
      remedy: expect.any(String),
    });
  });
});

describe("a backend that can't be asked for its models", () => {
  const down: Backend = {
    capabilities: chat,
    listModels: () => Promise.reject(new Error("connection refused")),
  };

  it("stands in nobody's way", async () => {
    expect(await lead("solo", {}, { down })).toBe("beta/solo");
  });

  it("is named where the name was not found", async () => {
    await expect(lead("zzzzzz", {}, { down })).rejects.toThrow(
      'There is no model "zzzzzz". Not all could be asked: connection refused.',
    );
  });

  it("is named once, and no more than that, where it reaches too far to be asked", async () => {
    await expect(lead("zzzzzz", { privacy: { allow: "device" } })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^There is no model "zzzzzz"\. Not asked, for they reach further: any, alpha, beta, .*\.$/,
      ) as string,
    });
  });

  it("does not hand its calls to the next model", async () => {
    const first = [{ name: "first", targets: ["down/x"] }, ...models];
    await expect(lead(undefined, { models: first }, { down })).rejects.toMatchObject({
      code: "backend-unavailable",
      backend: "down",
      model: "x",
    });
  });

  it.each([
    ["a deadline", { timeoutMs: 50 }, "timeout"],
    ["the caller's own abort", { signal: AbortSignal.timeout(50) }, "cancelled"],
  ])("holds nobody beyond %s", async (_, options, code) => {
    const mute: Backend = { capabilities: chat, listModels: () => new Promise(() => {}) };
    const gateway = createTestGateway({ ...backends, mute });
    for (const model of ["solo", "mute/x"])
      await expect(
        gateway.call("chat", { prompt: "x" }, { model, ...options }),
      ).rejects.toMatchObject({ code });
    await gateway.close();
  });

  it("is given up after ten seconds", async () => {
    vi.useFakeTimers();
    const mute: Backend = { capabilities: chat, listModels: () => new Promise(() => {}) };
    const found = lead("solo", {}, { mute });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await found).toBe("beta/solo");
  });
});

/** A kind of backend that would serve whoever names no model. */
function kind(type: string, url?: string) {
  return defineBackend({
    type,
    builtIn: true,
    config: z.strictObject({}),
    defaults: { chat: "tiny" },
    upstream: () => (url === undefined ? undefined : { url }),
    create: () => ({ capabilities: chat }),
  });
}

it("leads nowhere else unasked: a backend with an address serves who names it", async () => {
  const gateway = createTestGateway([kind("far", "http://127.0.0.1:9"), kind("near")]);
  const { target } = await gateway.call("chat", { prompt: "x" }, {});
  expect(target).toEqual({ backend: "near", model: "tiny" });
  await gateway.close();
});
