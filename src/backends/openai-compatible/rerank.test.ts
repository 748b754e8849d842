import { describe, expect, it, onTestFinished } from "vitest";
import { startRecordedServer, type RecordedAnswer } from "../../../test/peers/recorded-server.ts";
import { tryBackend } from "./__fixtures__/try-backend.ts";

const json = (body: unknown, status = 200): RecordedAnswer => ({ status, body });
const documents = ["a bear", "bread", "flour"];

async function trial(answers: Record<string, RecordedAnswer | RecordedAnswer[]>, profile = "vllm") {
  const server = await startRecordedServer(answers);
  onTestFinished(() => server.stop());
  const { backend, context, warnings } = tryBackend({ baseUrl: server.url, profile });
  const rank = (more: object = {}) =>
    backend.capabilities.rerank!({ query: "bread", documents, ...more }, context);
  return { rank, warnings, requests: server.requests };
}

/** As vLLM, llama.cpp, LocalAI, Jina and Cohere give them. */
const results = [
  { index: 1, document: { text: "bread" }, relevance_score: 0.98 },
  { index: 0, document: { text: "a bear" }, relevance_score: -5.4 },
  { index: 2, document: { text: "flour" }, relevance_score: 0.5 },
];

describe("reranking by the server's route", () => {
  it("sends what is asked, and gives the best first", async () => {
    const usage = { prompt_tokens: 56, total_tokens: 56 };
    const { rank, requests, warnings } = await trial({
      "POST /v1/rerank": json({ id: "rerank-1", model: "m", usage, results }),
    });
    expect(await rank({ topN: 2, returnDocuments: true })).toMatchObject({
      results: [
        { index: 1, score: 0.98, document: "bread" },
        { index: 2, score: 0.5, document: "flour" },
      ],
      usage: { inputTokens: 56 },
    });
    expect(requests[0]?.body).toEqual({ model: "m", query: "bread", documents, top_n: 2 });
    expect(warnings).toEqual([]);
  });

  it("reads a bare list too, as SGLang gives it", async () => {
    const list = documents.map((document, index) => ({ score: index, document, index }));
    const { rank } = await trial({ "POST /v1/rerank": json(list) }, "sglang");
    expect((await rank()).results.map(({ index }) => index)).toEqual([2, 1, 0]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no results", { data: [] }, /holds no results/],
    [
      "a place that no document has",
      { results: [{ index: 3, relevance_score: 1 }] },
      /no document/,
    ],
    ["no score", { results: [{ index: 0, relevance_score: null }] }, /no score/],
    ["too few", { results: results.slice(1) }, /2 of 3 documents/],
  ])("refuses an answer with %s", async (_, answer, says) => {
    const { rank } = await trial({ "POST /v1/rerank": json(answer) });
    await expect(rank()).rejects.toMatchObject({
      code: "invalid-response",
      message: expect.stringMatching(says),
    });
  });

  it("goes by vectors where the model does none, says so, and asks for it no more", async () => {
    const { rank, requests, warnings } = await trial(
      {
        "POST /v1/rerank": json(
          {
            error: {
              code: 501,
              message: "This server does not support reranking.",
              type: "not_supported_error",
            },
          },
          501,
        ),
        "POST /v1/embeddings": ({ body }, response) => {
          const { input } = body as { input: string[] };
          const data = input.map((text, index) => ({ index, embedding: [text.length, 1] }));
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify({ data }));
        },
      },
      "llama-server",
    );
    expect((await rank()).results[0]).toMatchObject({ index: 1 });
    expect(warnings).toEqual([
      "The scores are how near each document lies to the query: the model does no reranking.",
    ]);
    await rank();
    expect(requests.filter(({ path }) => path === "/v1/rerank")).toHaveLength(1);
  });
});

it.each<[object, boolean]>([
  [{ baseUrl: "http://127.0.0.1:1/v1", profile: "localai" }, true],
  [{ profile: "together" }, true],
  [{ baseUrl: "https://api.together.xyz/v1" }, true],
  [{ baseUrl: "http://127.0.0.1:1/v1" }, false],
  [{ profile: "openai" }, false],
])("a backend of %j has the route, as far as is known unasked: %s", (options, has) => {
  expect(tryBackend(options as never).backend.capabilities.rerank !== undefined).toBe(has);
});
