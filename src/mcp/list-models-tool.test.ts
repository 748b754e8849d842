import { describe, expect, it } from "vitest";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { Gateway, ModelEntry } from "../gateway/api.ts";
import { createListModelsTool } from "./list-models-tool.ts";
import { silentProgress } from "./progress.ts";
import type { ToolCall } from "./tool.ts";

const entry = (name: string): ModelEntry => ({
  name,
  backend: "b",
  capabilities: ["chat"],
  loaded: false,
  installed: true,
  health: "unknown",
  state: "ready",
  privacy: "device",
});

describe("list_models", () => {
  const asked: (string | undefined)[] = [];
  const gateway = {
    capabilities: new Map(builtInCapabilities.map((each) => [each.name, each])),
    async models({ capability } = {}) {
      asked.push(capability);
      return Array.from({ length: 120 }, (_, index) => entry(`b/model-${index}`));
    },
  } as Partial<Gateway> as Gateway;
  const tool = createListModelsTool(gateway);
  const call = async (given: Record<string, unknown>) => {
    const context = {} as ToolCall["context"];
    const signal = new AbortController().signal;
    const result = await tool.call(given, { signal, progress: silentProgress, meta: {}, context });
    return (result as { structuredContent: { models: ModelEntry[]; nextCursor?: string } })
      .structuredContent;
  };

  it("pages until there is no more", async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await call(cursor === undefined ? {} : { cursor });
      names.push(...page.models.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(new Set(names).size).toBe(120);
  });

  it("finds by part of a name", async () => {
    const { models } = await call({ query: "MODEL-11" });
    expect(models.map(({ name }) => name)).toEqual([
      "b/model-11",
      ...Array.from({ length: 10 }, (_, index) => `b/model-11${index}`),
    ]);
  });

  it("takes a tool's name for its capability", async () => {
    await call({ capability: "classify" });
    expect(asked.at(-1)).toBe("classification");
  });
});
