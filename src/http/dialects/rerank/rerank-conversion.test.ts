import { expect, it } from "vitest";
import { serveBackend } from "../../__fixtures__/serve-backend.ts";
import { rerankConversion } from "./rerank-conversion.ts";

const origin = { id: "r1", backend: "vllm", model: "bge", createdAt: 0 };
const result = {
  results: [
    { index: 1, score: 0.9 },
    { index: 0, score: 0.1 },
  ],
  usage: { inputTokens: 7 },
};

it("reads what clients of Jina, Cohere and vLLM send, and gives what they read", () => {
  const { requests, warnings, stream, toAnswer } = rerankConversion.read({
    model: "vllm/bge",
    query: "bread",
    documents: ["a bear", { text: "flour" }],
    top_n: 2,
    max_tokens_per_doc: 4096,
  });
  expect(requests).toEqual([{ query: "bread", documents: ["a bear", "flour"], topN: 2 }]);
  expect([warnings, stream]).toEqual([["max_tokens_per_doc was ignored."], false]);
  expect(toAnswer([result], origin).body).toEqual({
    id: "r1",
    model: "vllm/bge",
    results: [
      { index: 1, relevance_score: 0.9, document: { text: "flour" } },
      { index: 0, relevance_score: 0.1, document: { text: "a bear" } },
    ],
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
});

it("repeats no document where none is wanted", () => {
  const body = { query: "bread", documents: ["a", "b"], return_documents: false, top_n: null };
  const { requests, toAnswer } = rerankConversion.read(body);
  expect(requests).toEqual([{ query: "bread", documents: ["a", "b"] }]);
  expect(toAnswer([{ ...result, usage: {} }], origin).body).toEqual({
    id: "r1",
    model: "vllm/bge",
    results: [
      { index: 1, relevance_score: 0.9 },
      { index: 0, relevance_score: 0.1 },
    ],
  });
});

it.each<[object, RegExp]>([
  [{ query: "q" }, /^documents: Must be an array/],
  [{ query: "q", documents: ["a", 1] }, /^documents\[1\]: Must be a string/],
  [{ query: "q", documents: [{ body: "a" }] }, /^documents\[0\]\.text: Must be a string/],
  [{ query: "q", documents: ["a"], topn: 1 }, /^topn: Unknown field\. Did you mean "top_n"/],
  [{ query: "q", documents: ["a"], rank_fields: ["x"] }, /^rank_fields: Not supported/],
  [{ query: "q", documents: ["a"], stream: true }, /^stream: Not supported/],
])("refuses %j", (body, says) => {
  expect(() => rerankConversion.read(body as never)).toThrow(says);
});

it("is what the port speaks at /v1/rerank, and what is wrong is called by its names", async () => {
  const { post } = await serveBackend({
    rerank: async ({ documents, topN }) => ({
      results: documents.map((_, index) => ({ index, score: index })).slice(0, topN),
      usage: {},
    }),
  });
  const body = { model: "test/m", query: "bread", documents: ["a", "b"] };
  expect(await (await post("/v1/rerank", body)).json()).toMatchObject({
    model: "test/m",
    results: [
      { index: 1, relevance_score: 1, document: { text: "b" } },
      { index: 0, relevance_score: 0, document: { text: "a" } },
    ],
  });
  const wrong = await post("/v1/rerank", { ...body, top_n: 0 });
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: { param: "top_n" } }]);
});
