import { describe, expect, it } from "vitest";
import { createTestGateway, saying } from "./__fixtures__/test-gateway.ts";
import type { Caller } from "./api.ts";
import type { ConfigurationInput } from "./configuration.ts";

const pulled: string[] = [];
const backend = {
  capabilities: { chat: saying("hi"), embedding: async () => ({ embeddings: [[1]], usage: {} }) },
  listModels: async () => [{ name: "a" }, { name: "b" }],
  async *pull(name: string) {
    pulled.push(name);
    yield { phase: "pull" as const, model: name, doneBytes: 1, totalBytes: 1 };
  },
};

function gatewayWith(configuration: ConfigurationInput = {}) {
  return createTestGateway({ one: backend, two: backend }, configuration, { one: { chat: "b" } });
}

const aliases: ConfigurationInput = {
  models: [
    { name: "other", targets: ["one/b"] },
    { name: "assistant", targets: ["two/a", "one/a"] },
  ],
};
const held: Caller = { name: "ci", models: ["assistant", "one/b"] };

const ask = (model: string | undefined, configuration = aliases, caller = held) =>
  gatewayWith(configuration).call("chat", { prompt: "x" }, { model, caller });

describe("a caller who is held to models", () => {
  it.each([
    ["assistant", { backend: "two", model: "a" }],
    ["one/b", { backend: "one", model: "b" }],
  ])("may ask %s", async (model, target) => {
    expect((await ask(model)).target).toEqual(target);
    const streamed = await gatewayWith(aliases).stream(
      "chat",
      { prompt: "x" },
      { model, caller: held },
    );
    expect(streamed.target).toEqual(target);
  });

  it.each(["two/a", "one/a", "other", "b", "Assistant", "assistant/", "nowhere/x"])(
    "may not ask %s, also where an alias of theirs leads there",
    async (model) => {
      const refusal = {
        code: "forbidden",
        model,
        message: `The key "ci" may not ask ${JSON.stringify(model)}.`,
        remedy: expect.stringContaining("It may ask assistant, one/b;") as string,
      };
      await expect(ask(model)).rejects.toMatchObject(refusal);
      const call = { model, caller: held };
      const gateway = gatewayWith(aliases);
      await expect(gateway.stream("chat", { prompt: "x" }, call)).rejects.toMatchObject(refusal);
      await expect(gateway.pull(model, { caller: held })).rejects.toMatchObject(refusal);
      expect(pulled).toEqual([]);
    },
  );

  it("may ask the default where it is theirs: the alias, or the name with its backend", async () => {
    expect(
      (await ask(undefined, { ...aliases, defaults: { chat: "assistant" } })).target.backend,
    ).toBe("two");
    expect((await ask(undefined, { defaults: { chat: "one/b" } })).target.model).toBe("b");
    expect((await ask(undefined, {})).target).toEqual({ backend: "one", model: "b" });
    for (const [defaults, model] of [
      [{ chat: "two/a" }, "two/a"],
      [{ chat: "other" }, "other"],
      [{}, "other"],
    ] as const)
      await expect(ask(undefined, { ...aliases, defaults })).rejects.toMatchObject({
        code: "forbidden",
        model,
      });
  });

  it("sees no other in lists, and fetches no other", async () => {
    const gateway = gatewayWith(aliases);
    const names = async (caller?: Caller) =>
      (await gateway.models({ caller })).map(({ name }) => name);
    expect(await names(held)).toEqual(["assistant", "one/b"]);
    expect(await names({ name: "free" })).toEqual(await names());
    expect(await names()).toHaveLength(6);
    await gateway.pull("one/b", { caller: held });
    await gateway.pull("assistant", { caller: held });
    expect(pulled).toEqual(["b", "a"]);
  });
});

describe("keys in a configuration", () => {
  const hash = `sha256:${"ab".repeat(32)}`;
  it.each<[object[], string]>([
    [[{ name: "a" }], "Needs either key or hash."],
    [[{ name: "a", key: "secret-secret", hash }], "Needs either key or hash."],
    [[{ name: "a", hash: "secret-secret" }], "Must be sha256: and 64"],
    [[{ name: "a", key: "secret secret" }], "without a space"],
    [[{ name: "a", key: 5_550_123_456 }], "found number"],
    [
      [
        { name: "a", key: "secret-1" },
        { name: "a", key: "secret-2" },
      ],
      '"a" is taken already.',
    ],
    [
      [
        { name: "a", hash },
        { name: "b", hash: hash.replaceAll("ab", "AB") },
      ],
      "Is the same key as server.keys[0].",
    ],
    [[{ name: "a", hash, models: [] }], "Name a model, or leave it out"],
    [[{ name: "a", hash, models: ["assistent"] }], 'Did you mean "assistant"?'],
    [[{ name: "a", hash, models: ["nowhere/a"] }], "nowhere"],
    [[{ name: "a", hash, privacy: "local" }], 'Expected one of "device", "network", "remote"'],
  ])("%j: %s", (keys, message) => {
    const broken = () => gatewayWith({ ...aliases, server: { keys } } as ConfigurationInput);
    expect(broken).toThrow(message);
    expect(broken).not.toThrow(/secret-|5.?550/);
  });

  it("may be held to what is found running, and origins are written as browsers send them", () => {
    const good = {
      ...aliases,
      server: { keys: [{ name: "a", hash, models: ["assistant", "two/a"] }] },
    };
    expect(() => gatewayWith(good)).not.toThrow();
    for (const origin of [
      "*",
      "https://app.example/",
      "app.example",
      "null",
      "HTTPS://app.example",
    ])
      expect(() => gatewayWith({ server: { cors: [origin] } })).toThrow("An origin is written");
    expect(() => gatewayWith({ server: { cors: ["https://app.example:8443"] } })).not.toThrow();
    expect(() => gatewayWith({ server: { host: "0.0.0.0" } })).toThrow("modelyard keys new");
  });
});
