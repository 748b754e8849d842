import { describe, expect, it } from "vitest";
import type { CallContext, Handler } from "../backend.ts";
import { validate } from "../validate.ts";
import { rankDocuments, rerank, type RerankOutput, type RerankRequest } from "./rerank.ts";

const read = (request: unknown) => validate(rerank.request, request, { what: "request" });

describe("a request to rank", () => {
  it("takes one document or several", () => {
    expect(read({ query: "q", documents: "a" })).toEqual({ query: "q", documents: ["a"] });
    expect(read({ query: "q", documents: ["a", "b"], topN: 1 })).toMatchObject({ topN: 1 });
  });

  it.each<[string, unknown, RegExp]>([
    ["no document", { query: "q", documents: [] }, /documents: Must hold at least one document/],
    ["too many", { query: "q", documents: Array(1001).fill("a") }, /at most 1,000 documents/],
    ["no query", { documents: ["a"] }, /query: Missing/],
    ["no place for any", { query: "q", documents: ["a"], topN: 0 }, /topN/],
  ])("is refused with %s", (_, request, says) => {
    expect(() => read(request)).toThrow(says);
  });
});

it("is collected with the best first", () => {
  const results = [
    { index: 0, score: -1 },
    { index: 1, score: 2 },
  ];
  expect(rerank.collect({ results, usage: {} }).results.map(({ index }) => index)).toEqual([1, 0]);
});

it("gives as many of the best as are asked for, with their documents where that is asked for", () => {
  const documents = ["a", "b", "c"];
  expect(rankDocuments([1, 3, 2], { documents })).toEqual([
    { index: 1, score: 3 },
    { index: 2, score: 2 },
    { index: 0, score: 1 },
  ]);
  expect(rankDocuments([1, 3, 2], { documents, topN: 1, returnDocuments: true })).toEqual([
    { index: 1, score: 3, document: "b" },
  ]);
});

describe("derived from embedding", () => {
  it("sorts by the nearness of vectors, each made for its purpose, of which nothing is told", async () => {
    const vectors: Record<string, number[]> = { q: [1, 0], near: [0.8, 0.6], far: [0, 1] };
    const asked: unknown[] = [];
    const embed: Handler<"embedding"> = async ({ input, purpose }, { warn }) => {
      asked.push([purpose, input]);
      warn("purpose was left out: it has no word for it.");
      if (purpose === "document") warn("far was cut.");
      const embeddings = input.map((text) => vectors[text] ?? []);
      return { embeddings, usage: { inputTokens: input.length } };
    };
    const warnings: string[] = [];
    const context = { warn: (message: string) => warnings.push(message) } as never as CallContext;
    const handler = rerank.derive?.[0]?.derive(embed as never) as unknown as (
      request: RerankRequest,
      context: CallContext,
    ) => Promise<RerankOutput>;
    expect(await handler({ query: "q", documents: ["far", "near"] }, context)).toMatchObject({
      results: [
        { index: 1, score: 0.8 },
        { index: 0, score: 0 },
      ],
      usage: { inputTokens: 3 },
    });
    expect(asked).toEqual([
      ["query", ["q"]],
      ["document", ["far", "near"]],
    ]);
    expect(warnings).toEqual(["far was cut."]);
  });
});
