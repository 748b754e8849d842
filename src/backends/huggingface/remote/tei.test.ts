import { afterEach, describe, expect, it, vi } from "vitest";
import {
  embeddingInfo,
  entailmentInfo,
  rerankerInfo,
  sentimentInfo,
} from "./__fixtures__/known-answers.ts";
import { type RemoteServer, startRemoteServer } from "./__fixtures__/remote-server.ts";

const { signal } = new AbortController();
let server: RemoteServer;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

/** Its vectors tell which text they are of. */
const embed = ({ body }: { body: { inputs: string[] } }) => ({
  headers: { "x-compute-tokens": String(3 * body.inputs.length) },
  body: body.inputs.map((text) => [Number(text), 1]),
});

describe("an embedding server", () => {
  it("says what it is", async () => {
    server = await startRemoteServer({ "GET /info": { body: embeddingInfo } });
    const backend = server.create();
    expect(await backend.listModels!(signal)).toEqual([
      {
        name: "sentence-transformers/all-MiniLM-L6-v2",
        aliases: ["default"],
        capabilities: ["embedding"],
        contextTokens: 256,
        loaded: true,
      },
    ]);
    expect(backend.takesAnyModel!()).toBe(false);
  });

  it("is asked in batches of its size, joined in order, and what it read adds up", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": embed as never,
    });
    const input = Array.from({ length: 70 }, (_, index) => String(index));
    const { embeddings, usage } = await server.create().capabilities.embedding!(
      { input },
      server.context("default"),
    );
    expect(embeddings).toHaveLength(70);
    embeddings.forEach(([first = 0, second = 0], index) => {
      expect(first / second).toBeCloseTo(index, 6);
      expect(Math.hypot(first, second)).toBeCloseTo(1, 6);
    });
    expect(usage).toEqual({ inputTokens: 210 });
    const sent = server.askedOf("POST /embed").map(({ body }) => body);
    expect(sent.map(({ inputs }) => inputs.length)).toEqual([32, 32, 6]);
    expect(sent[0]).toMatchObject({ normalize: true, truncate: false });
  });

  it("is given what its family of models wants in front of a text", async () => {
    server = await startRemoteServer({
      "GET /info": { body: { ...embeddingInfo, model_id: "intfloat/multilingual-e5-small" } },
      "POST /embed": { body: [[3, 4]] },
    });
    const { embedding } = server.create().capabilities;
    const request = { input: ["Rome"], purpose: "document" as const };
    await embedding!(request, server.context("default"));
    expect(server.askedOf("POST /embed")[0]?.body.inputs).toEqual(["passage: Rome"]);
  });

  it("tells where the dimensions were passed over", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": { body: [[3, 4]] },
    });
    const request = { input: ["a"], dimensions: 1 };
    const answer = server.create().capabilities.embedding!(request, server.context("default"));
    await expect(answer).rejects.toMatchObject({
      code: "capability-not-supported",
      remedy: "Leave dimensions out.",
    });
  });

  it.each<[number, string, string, string]>([
    [
      413,
      "Validation",
      "`inputs` must have less than 256 tokens. Given: 300",
      "context-length-exceeded",
    ],
    [422, "Tokenizer", "Tokenizer error: no such character", "invalid-request"],
    [424, "Backend", "Backend error: out of memory", "backend-error"],
    [429, "Overloaded", "Model is overloaded", "rate-limited"],
    [503, "Unhealthy", "unhealthy", "backend-unavailable"],
  ])("refuses with %i %s", async (status, error_type, error, code) => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": { status, body: { error, error_type } },
    });
    const answer = server.create().capabilities.embedding!(
      { input: ["a"] },
      server.context("default"),
    );
    await expect(answer).rejects.toMatchObject({
      code,
      message: expect.stringContaining(error),
      ...(status === 413 ? { details: { contextTokens: 256, inputTokens: 300 } } : {}),
    });
    expect(server.askedOf("POST /embed")).toHaveLength(1);
  });

  it("has one model, and names it to who asks for another", async () => {
    server = await startRemoteServer({ "GET /info": { body: embeddingInfo } });
    const answer = server.create().capabilities.embedding!(
      { input: ["a"] },
      server.context("sentence-transformers/all-MiniLM-L12-v2"),
    );
    await expect(answer).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining('Did you mean "sentence-transformers/all-MiniLM-L6-v2"'),
      remedy: expect.stringContaining('"default"'),
    });
  });

  it("is well, unwell, or not there", async () => {
    server = await startRemoteServer({ "GET /health": {} });
    const backend = server.create();
    expect(await backend.healthCheck!(signal)).toEqual({ status: "healthy" });
    const body = { error: "unhealthy", error_type: "unhealthy" };
    server.answer({ "GET /health": { status: 503, body } });
    expect(await backend.healthCheck!(signal)).toMatchObject({ status: "unhealthy" });
    const nowhere = server.create({ baseUrl: "http://127.0.0.1:9" });
    expect(await nowhere.healthCheck!(signal)).toMatchObject({
      status: "unhealthy",
      reason: expect.stringContaining("127.0.0.1:9"),
    });
  });

  it.each([
    ["a page", { body: "<!doctype html><p>Hello" }],
    ["no API that is known", { status: 404, body: { message: "Not found" } }],
  ])("is not well where its address is that of %s", async (_, answer) => {
    server = await startRemoteServer({
      "GET /health": answer,
      "GET /info": answer,
      "GET /v1/models": answer,
    });
    expect(await server.create().healthCheck!(signal)).toEqual({
      status: "unhealthy",
      reason: expect.stringMatching(/no server that is known here.+baseUrl/),
    });
  });
});

describe("a server's key", () => {
  it("is sent where it is configured; the hub's token is not for others", async () => {
    vi.stubEnv("HF_TOKEN", "hf_of_the_hub");
    server = await startRemoteServer({
      "GET /info": ({ headers }) =>
        headers.authorization === "Bearer its-own-key"
          ? { body: embeddingInfo }
          : { status: 401, body: "" },
    });
    const open = server.create({ baseUrl: server.url, token: "its-own-key" });
    expect(await open.listModels!(signal)).toHaveLength(1);
    await expect(server.create().listModels!(signal)).rejects.toMatchObject({
      code: "backend-unauthorized",
      remedy: expect.stringContaining('"token" of this backend'),
    });
    expect(server.asked.at(-1)?.headers.authorization).toBeUndefined();
  });
});

describe("a classifying server", () => {
  it("gives its own labels, or those of them that are wanted", async () => {
    server = await startRemoteServer({
      "GET /info": { body: sentimentInfo },
      "POST /predict": {
        headers: { "x-compute-tokens": "5" },
        body: [
          { label: "POSITIVE", score: 0.9 },
          { label: "NEGATIVE", score: 0.1 },
        ],
      },
    });
    const backend = server.create();
    expect(await backend.listModels!(signal)).toMatchObject([{ capabilities: ["classification"] }]);
    const classify = (request: { labels?: string[] }) =>
      backend.capabilities.classification!(
        { input: "I love it", ...request },
        server.context("default"),
      );
    expect(await classify({})).toEqual({
      labels: [
        { label: "POSITIVE", score: 0.9 },
        { label: "NEGATIVE", score: 0.1 },
      ],
      usage: { inputTokens: 5 },
    });
    const body = { inputs: "I love it", raw_scores: false, truncate: false };
    expect(server.askedOf("POST /predict")[0]?.body).toEqual(body);
    await expect(classify({ labels: ["POSITIVE", "happy"] })).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining('"happy". Its labels: POSITIVE, NEGATIVE.'),
    });
  });

  it("sorts into any labels where it judges entailment, each with the text as a pair", async () => {
    const supports: Record<string, number> = { sports: -2, politics: 4, weather: -3 };
    server = await startRemoteServer({
      "GET /info": { body: entailmentInfo },
      "POST /predict": ({ body }) => ({
        headers: { "x-compute-tokens": "10" },
        body: body.inputs.map(([, hypothesis]: [string, string]) => [
          { label: "neutral", score: 0 },
          { label: "entailment", score: supports[/is (\w+)\./.exec(hypothesis)?.[1] ?? ""] },
          { label: "contradiction", score: 1 },
        ]),
      }),
    });
    const labels = Object.keys(supports);
    const { classification } = server.create().capabilities;
    const one = await classification!({ input: "The vote", labels }, server.context("default"));
    expect(one.labels.map(({ label }) => label)).toEqual(labels);
    expect(one.labels[1]?.score).toBeGreaterThan(0.99);
    expect(one.labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
    expect(one.usage).toEqual({ inputTokens: 20 });
    const sent = server.askedOf("POST /predict").map(({ body }) => body.inputs);
    expect(sent).toEqual([
      [
        ["The vote", "This example is sports."],
        ["The vote", "This example is politics."],
      ],
      [["The vote", "This example is weather."]],
    ]);
    const each = await classification!(
      { input: "The vote", labels: ["politics"], multiLabel: true },
      server.context("default"),
    );
    expect(each.labels[0]?.score).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    const without = classification!({ input: "The vote" }, server.context("default"));
    await expect(without).rejects.toMatchObject({ code: "invalid-request" });
  });
});

it("is a reranker's, asked in batches of its size, the best of all first", async () => {
  server = await startRemoteServer({
    "GET /info": { body: { ...rerankerInfo, max_client_batch_size: 2 } },
    "POST /rerank": (({ body }: { body: { texts: string[] } }) => ({
      headers: { "x-compute-tokens": "5" },
      body: body.texts
        .map((text, index) => ({ index, score: Number(text) }))
        .toSorted((a, b) => b.score - a.score),
    })) as never,
  });
  const backend = server.create();
  expect(await backend.listModels!(signal)).toMatchObject([{ capabilities: ["rerank"] }]);
  const ranked = await backend.capabilities.rerank!(
    { query: "high", documents: ["0.2", "0.1", "0.9"], topN: 2 },
    server.context("default"),
  );
  expect(ranked).toEqual({
    results: [
      { index: 2, score: 0.9 },
      { index: 0, score: 0.2 },
    ],
    usage: { inputTokens: 10 },
  });
  expect(server.askedOf("POST /rerank").map(({ body }) => body)).toMatchObject([
    { query: "high", texts: ["0.2", "0.1"], raw_scores: false },
    { texts: ["0.9"] },
  ]);
});

it("says what is no server of this kind", async () => {
  server = await startRemoteServer({
    "GET /info": { body: "<!doctype html><title>Welcome</title>" },
    "GET /health": { body: "<html></html>" },
  });
  await expect(server.create().listModels!(signal)).rejects.toMatchObject({
    code: "invalid-response",
    remedy: expect.stringContaining("baseUrl"),
  });
});
