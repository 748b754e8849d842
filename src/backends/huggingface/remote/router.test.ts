import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { routerModels } from "./__fixtures__/known-answers.ts";
import {
  eventStream,
  readAll,
  type RemoteServer,
  startRemoteServer,
} from "./__fixtures__/remote-server.ts";
import { routerUrl } from "../config.ts";

const { signal } = new AbortController();
const user = { role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] };
const model = "sentence-transformers/all-MiniLM-L6-v2";
const pipeline = `POST /hf-inference/models/${model}/pipeline/feature-extraction`;

let server: RemoteServer;
beforeEach(async () => {
  vi.stubEnv("HF_TOKEN", "");
  server = await startRemoteServer({});
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

const router = (settings: object = {}) =>
  server.create({ token: "hf_of_mine", ...settings }, routerUrl);

const classify = (labels?: string[]) =>
  router().capabilities.classification!(
    { input: "fine", ...(labels === undefined ? {} : { labels }) },
    server.context("owner/classifier"),
  );

const ask = (settings: object) =>
  router(settings).capabilities.embedding!({ input: ["a"] }, server.context(model));

describe("chat", () => {
  const answered = eventStream(
    { choices: [{ index: 0, delta: { content: "Hello" }, finish_reason: "stop" }] },
    { choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } },
    "[DONE]",
  );

  it.each<[object, string, string]>([
    [{}, "Qwen/Qwen3-8B", "Qwen/Qwen3-8B"],
    [{}, "Qwen/Qwen3-8B:nscale", "Qwen/Qwen3-8B:nscale"],
    [{ provider: "nscale" }, "Qwen/Qwen3-8B", "Qwen/Qwen3-8B:nscale"],
    [{ provider: "nscale" }, "Qwen/Qwen3-8B:groq", "Qwen/Qwen3-8B:groq"],
  ])("with %j asks for %s as %s", async (settings, name, sent) => {
    server.answer({ "POST /v1/chat/completions": answered });
    const { chat } = router({ billTo: "the-company", ...settings }).capabilities;
    expect(await readAll(chat!({ messages: [user] }, server.context(name)))).toMatchObject([
      { type: "text-delta", text: "Hello" },
      { type: "finish", reason: "stop", usage: { inputTokens: 3, outputTokens: 1 } },
    ]);
    expect(server.asked[0]?.body.model).toBe(sent);
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: "Bearer hf_of_mine",
      "x-hf-bill-to": "the-company",
    });
  });
});

it("lists what chats, each with its providers as further names, and takes any other name", async () => {
  server.answer({ "GET /v1/models": { body: routerModels } });
  const backend = router();
  expect(await backend.listModels!(signal)).toEqual([
    {
      name: "Qwen/Qwen3-8B",
      aliases: ["nscale", "featherless-ai", "fastest", "cheapest", "preferred"].map(
        (provider) => `Qwen/Qwen3-8B:${provider}`,
      ),
      capabilities: ["chat"],
      contextTokens: 32768,
    },
    expect.objectContaining({ name: "openai/gpt-oss-20b", capabilities: ["chat"] }),
  ]);
  expect(backend.takesAnyModel!()).toBe(true);
  expect(backend.capabilities.completion).toBeUndefined();
});

describe("embedding", () => {
  it.each<[string, string[], unknown]>([
    ["a vector", ["a"], [3, 4]],
    [
      "vectors",
      ["a", "b"],
      [
        [3, 4],
        [6, 8],
      ],
    ],
    [
      "vectors of tokens",
      ["a", "b"],
      [
        [
          [1, 2],
          [5, 6],
        ],
        [[3, 4]],
      ],
    ],
  ])("takes %s", async (_, input, body) => {
    server.answer({ [pipeline]: { body } });
    const { embeddings } = await router().capabilities.embedding!({ input }, server.context(model));
    expect(embeddings).toEqual(input.map(() => [expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]));
    expect(server.asked[0]?.body).toEqual({ inputs: input, normalize: true, truncate: false });
  });

  it("says that a model is not served", async () => {
    server.answer({ [pipeline]: { status: 404, body: "Not Found" } });
    const answer = router().capabilities.embedding!({ input: ["a"] }, server.context(model));
    await expect(answer).rejects.toMatchObject({
      code: "model-not-found",
      message: `hf-inference does not serve ${model}.`,
      remedy: expect.stringContaining('"mode": "local"'),
    });
  });
});

describe("classification", () => {
  const route = "POST /hf-inference/models/owner/classifier";
  const own = [
    [
      { label: "POSITIVE", score: 0.75 },
      { label: "NEGATIVE", score: 0.25 },
    ],
  ];

  it("gives a classifier's own labels", async () => {
    server.answer({ [route]: { body: own } });
    expect(await classify()).toEqual({ labels: own[0], usage: {} });
    expect(server.asked[0]?.body).toEqual({ inputs: "fine", parameters: { top_k: 1000 } });
  });

  it.each<[string, unknown]>([
    [
      "newer",
      [
        { label: "news", score: 0.8 },
        { label: "sports", score: 0.2 },
      ],
    ],
    ["older", { sequence: "fine", labels: ["news", "sports"], scores: [0.8, 0.2] }],
  ])("offers labels as candidates, and reads the %s shape", async (_, body) => {
    server.answer({ [route]: { body } });
    expect((await classify(["sports", "news"])).labels).toEqual([
      { label: "news", score: 0.8 },
      { label: "sports", score: 0.2 },
    ]);
    expect(server.asked[0]?.body.parameters).toEqual({
      candidate_labels: ["sports", "news"],
      multi_label: false,
    });
  });

  it("asks a classifier that refuses candidates for its own", async () => {
    server.answer({
      [route]: ({ body }) =>
        "candidate_labels" in body.parameters
          ? { status: 400, body: { error: "unexpected keyword argument 'candidate_labels'" } }
          : { body: own },
    });
    expect((await classify(["NEGATIVE", "POSITIVE"])).labels).toEqual(own[0]);
    await expect(classify(["news", "sports"])).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("Its labels: POSITIVE, NEGATIVE."),
    });
  });
});

describe("who may not", () => {
  it("is told to give a token, and nothing is sent", async () => {
    const backend = router({ token: undefined });
    const answer = backend.capabilities.embedding!({ input: ["a"] }, server.context(model));
    await expect(answer).rejects.toMatchObject({
      code: "backend-unauthorized",
      remedy: expect.stringMatching(/HF_TOKEN.*"token".*"Make calls to Inference Providers"/),
    });
    expect(await backend.healthCheck!(signal)).toMatchObject({
      status: "unhealthy",
      reason: expect.stringContaining("there is none"),
    });
    expect(server.asked).toHaveLength(0);
  });

  it.each<[string, number, unknown, RegExp]>([
    [
      "a token without the permission",
      403,
      {
        error:
          "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user somebody",
      },
      /"token".*"Make calls to Inference Providers"/,
    ],
    ["a token that is none", 401, { error: "Invalid username or password." }, /HF_TOKEN.*valid/],
    [
      "a gated model",
      403,
      {
        error: "Access to model owner/gated is restricted and you are not in the authorized list.",
      },
      /Ask for access/,
    ],
    ["no credit", 402, { error: "You have exceeded your monthly included credits" }, /billTo/],
  ])("%s: %i", async (_, status, body, remedy) => {
    server.answer({ [pipeline]: { status, body } });
    await expect(ask({})).rejects.toMatchObject({
      code: "backend-unauthorized",
      remedy: expect.stringMatching(remedy),
    });
    expect(server.asked).toHaveLength(1);
  });
});

it("takes the token of the environment", async () => {
  vi.stubEnv("HF_TOKEN", "hf_of_the_environment");
  server.answer({ "HEAD /v1/models": {} });
  expect(await router({ token: undefined }).healthCheck!(signal)).toEqual({
    status: "healthy",
    reason: expect.stringContaining("token"),
  });
  expect(server.asked).toMatchObject([
    { route: "HEAD /v1/models", headers: { authorization: "Bearer hf_of_the_environment" } },
  ]);
});
