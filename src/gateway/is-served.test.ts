import { describe, expect, it } from "vitest";
import type { Backend } from "../contract/backend.ts";
import { createTestGateway } from "./__fixtures__/test-gateway.ts";
import type { ConfigurationInput } from "./configuration.ts";

const embedder: Backend = {
  capabilities: {
    embedding: async ({ input }) => ({
      embeddings: input.map((text) => (text === "bread" ? [1, 0] : [0, 1])),
      usage: {},
    }),
  },
  listModels: async () => [{ name: "m" }],
};
const ranker: Backend = {
  capabilities: { rerank: async () => ({ results: [{ index: 0, score: 1 }], usage: {} }) },
};
const request = { query: "bread", documents: ["a bear", "bread"] };

describe("a capability that is shown where it is served", () => {
  it.each<[string, ConfigurationInput, boolean, string[]]>([
    ["is not where it would only be derived", {}, false, []],
    ["is where it is a default", { defaults: { rerank: "embedder/m" } }, true, ["embedder/m"]],
    [
      "is where it is a default by an alias",
      { models: [{ name: "a", targets: ["embedder/m"] }], defaults: { rerank: "a" } },
      true,
      ["a", "embedder/m"],
    ],
    [
      "is where a backend is to offer it",
      { backends: { embedder: { capabilities: ["rerank"] } } },
      true,
      ["embedder/m"],
    ],
    [
      "is not where a backend is not to",
      { backends: { embedder: { capabilities: ["embedding"] } } },
      false,
      [],
    ],
  ])("%s", async (_, configuration, isShown, names) => {
    const gateway = createTestGateway({ embedder }, configuration);
    expect(await gateway.shows("rerank")).toBe(isShown);
    const models = await gateway.models({ capability: "rerank" });
    expect(models.map(({ name }) => name)).toEqual(names);
    expect(await gateway.shows("chat")).toBe(true);
  });

  it("is where a backend has it of its own", async () => {
    const gateway = createTestGateway({ embedder, ranker });
    expect(await gateway.shows("rerank")).toBe(true);
    expect(await gateway.backends()).toMatchObject([
      { name: "embedder", capabilities: ["embedding", "classification"] },
      { name: "ranker", capabilities: ["rerank"] },
    ]);
  });

  it("is served to who names a model of which it can be derived, and to nobody else", async () => {
    const gateway = createTestGateway(
      { embedder },
      { models: [{ name: "vectors", targets: ["embedder/m"] }] },
    );
    const { result } = await gateway.call("rerank", request, { model: "vectors" });
    expect(result).toMatchObject({
      results: [
        { index: 1, score: 1 },
        { index: 0, score: 0 },
      ],
    });
    await expect(gateway.call("rerank", request)).rejects.toMatchObject({
      code: "model-not-found",
      remedy: "Name a model, or set defaults.rerank in the configuration.",
    });
  });
});
