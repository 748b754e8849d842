import { afterEach, describe, expect, it, vi } from "vitest";
import { embeddingInfo } from "./__fixtures__/known-answers.ts";
import {
  eventStream,
  readAll,
  type RemoteServer,
  startRemoteServer,
} from "./__fixtures__/remote-server.ts";

const { signal } = new AbortController();
const address = "https://abc.us-east-1.aws.endpoints.huggingface.cloud";
let server: RemoteServer;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

describe("an endpoint that speaks as OpenAI does", () => {
  const models = { object: "list", data: [{ id: "/repository", max_model_len: 4096 }] };

  it("is called by its own name, whatever people call it", async () => {
    server = await startRemoteServer({
      "GET /v1/models": { body: models },
      "POST /v1/completions": eventStream(
        { choices: [{ index: 0, text: " upon", finish_reason: "length" }] },
        "[DONE]",
      ),
      "POST /v1/chat/completions": {
        body: { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] },
      },
      "POST /v1/embeddings": {
        body: {
          data: [
            { index: 1, embedding: [0, 2] },
            { index: 0, embedding: [2, 0] },
          ],
          usage: { prompt_tokens: 4 },
        },
      },
    });
    const backend = server.create();
    expect(await backend.listModels!(signal)).toEqual([
      {
        name: "repository",
        aliases: ["default"],
        capabilities: ["chat", "completion", "embedding"],
        contextTokens: 4096,
      },
    ]);
    const { chat, completion, embedding } = backend.capabilities;
    const context = server.context("default");
    const message = { role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] };
    expect(await readAll(chat!({ messages: [message] }, context))).toMatchObject([
      { text: "Hello" },
      { reason: "stop" },
    ]);
    expect(await readAll(completion!({ prompt: "Once" }, context))).toMatchObject([
      { text: " upon" },
      { reason: "length" },
    ]);
    expect(await embedding!({ input: ["a", "b"] }, context)).toMatchObject({
      embeddings: [
        [1, 0],
        [0, 1],
      ],
      usage: { inputTokens: 4 },
    });
    const posted = server.asked.filter(({ route }) => route.startsWith("POST"));
    expect(posted.map(({ body }) => body.model)).toEqual(Array(3).fill("/repository"));
  });
});

it("takes a request's own options, but for what the request itself says", async () => {
  const answer = { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] };
  server = await startRemoteServer({
    "GET /v1/models": { body: { object: "list", data: [{ id: "one" }] } },
    "POST /v1/chat/completions": { body: answer },
    "POST /v1/completions": { body: { choices: [{ text: "Hello", finish_reason: "stop" }] } },
  });
  const { chat, completion } = server.create().capabilities;
  const warn = vi.fn<(message: string) => void>();
  const context = server.context("one", { warn });
  const huggingface = { min_p: 0.1, model: "another", stream: false };
  const providerOptions = { huggingface };
  const message = { role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] };
  await readAll(chat!({ messages: [message], providerOptions }, context));
  await readAll(completion!({ prompt: "Once", providerOptions }, context));
  const posted = server.asked.filter(({ route }) => route.startsWith("POST"));
  expect(posted.map(({ body }) => [body.min_p, body.model, body.stream])).toEqual(
    Array.from({ length: 2 }, () => [0.1, "one", true]),
  );
  expect(warn.mock.calls.flat()).toContain(
    "providerOptions.huggingface.model was left out: the request itself says it.",
  );
});

describe("an endpoint of the Inference Toolkit", () => {
  it("is asked at its root, and says by its answers what it can do", async () => {
    server = await startRemoteServer({
      "GET /health": { body: "Ok" },
      "POST /": {
        body: [
          [
            [
              [1, 2],
              [5, 6],
            ],
          ],
        ],
      },
    });
    const backend = server.create();
    expect(await backend.listModels!(signal)).toMatchObject([
      { name: "default", capabilities: ["embedding", "classification"] },
    ]);
    const { embedding, classification, chat } = backend.capabilities;
    const { embeddings } = await embedding!({ input: ["a"] }, server.context("any/name"));
    expect(embeddings).toEqual([[expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]]);
    expect(server.asked.at(-1)).toMatchObject({
      headers: { accept: "application/json" },
      body: { inputs: ["a"] },
    });
    await expect(classification!({ input: "a" }, server.context("default"))).rejects.toMatchObject({
      code: "invalid-response",
    });
    server.answer({ "POST /": { body: [{ label: "fine", score: 1 }] } });
    expect(await classification!({ input: "a" }, server.context("default"))).toMatchObject({
      labels: [{ label: "fine", score: 1 }],
    });
    const answer = chat!({ messages: [] }, server.context("default"));
    await expect(readAll(answer)).rejects.toMatchObject({ code: "capability-not-supported" });
  });
});

describe("an endpoint that is scaled to zero", () => {
  it("is waited for, with progress, and asked for nothing by health", async () => {
    vi.stubEnv("HF_TOKEN", "hf_of_mine");
    server = await startRemoteServer({ "GET /info": { status: 503, body: "" } });
    const backend = server.create({ baseUrl: address }, address);
    expect(await backend.healthCheck!(signal)).toMatchObject({ status: "healthy" });
    expect(server.asked).toHaveLength(0);
    expect(await backend.listModels!(signal)).toEqual([]);
    expect(backend.takesAnyModel!()).toBe(true);
    const progress = vi.fn<(event: object) => void>(() =>
      server.answer({
        "GET /info": { body: embeddingInfo },
        "POST /embed": { body: [[3, 4]] },
      }),
    );
    const context = server.context("default", { progress });
    const { embeddings } = await backend.capabilities.embedding!({ input: ["a"] }, context);
    expect(embeddings).toHaveLength(1);
    expect(progress).toHaveBeenCalledWith({ phase: "load", model: "default" });
    expect(server.asked.every(({ headers }) => headers.authorization === "Bearer hf_of_mine")).toBe(
      true,
    );
  });

  it("may hold the question back until it is up", async () => {
    const up = Promise.withResolvers<void>();
    server = await startRemoteServer({
      "GET /info": async () => {
        await up.promise;
        return { body: embeddingInfo };
      },
      "POST /embed": { body: [[3, 4]] },
    });
    const backend = server.create({ baseUrl: address }, address);
    const progress = vi.fn<(event: object) => void>(() => up.resolve());
    const context = server.context("default", { progress });
    const { embeddings } = await backend.capabilities.embedding!({ input: ["a"] }, context);
    expect(embeddings).toHaveLength(1);
    expect(progress).toHaveBeenCalledWith({ phase: "load", model: "default" });
  });

  it("classifies by its vectors where a call came before anybody knew", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": {
        body: [
          [1, 0],
          [1, 0],
          [0, 1],
        ],
      },
    });
    const answer = await server.create().capabilities.classification!(
      { input: "goal", labels: ["sports", "news"] },
      server.context("default"),
    );
    expect(answer.labels[0]).toMatchObject({ label: "sports", score: expect.closeTo(1, 3) });
  });
});

describe("a model that is being loaded", () => {
  const loading = {
    status: 503,
    body: { error: "Model owner/name is currently loading", estimated_time: 0.3 },
  };

  it("is waited for while the server estimates", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": loading,
    });
    const progress = vi.fn<() => void>();
    const context = server.context("default", { progress });
    const answer = server.create().capabilities.embedding!({ input: ["a"] }, context);
    await vi.waitFor(() => expect(server.askedOf("POST /embed").length).toBeGreaterThan(1), 5_000);
    server.answer({ "POST /embed": { body: [[3, 4]] } });
    expect((await answer).embeddings).toHaveLength(1);
    expect(progress).toHaveBeenCalled();
  });

  it("is given up with the call, and the error says why it took so long", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": loading,
    });
    const controller = new AbortController();
    const progress = () => controller.abort();
    const context = server.context("default", { signal: controller.signal, progress });
    const answer = server.create().capabilities.embedding!({ input: ["a"] }, context);
    await expect(answer).rejects.toMatchObject({
      code: "backend-unavailable",
      message: expect.stringContaining("default is still being loaded"),
      retryAfterMs: 300,
    });
    expect(server.askedOf("POST /embed")).toHaveLength(1);
  });

  it("is no excuse for a server that is busy or broken", async () => {
    server = await startRemoteServer({
      "GET /info": { body: embeddingInfo },
      "POST /embed": { status: 503, headers: { "retry-after": "7" }, body: { error: "unhealthy" } },
    });
    const context = server.context("default");
    const answer = server.create().capabilities.embedding!({ input: ["a"] }, context);
    await expect(answer).rejects.toMatchObject({
      code: "backend-unavailable",
      retryAfterMs: 7000,
    });
    expect(server.askedOf("POST /embed")).toHaveLength(1);
  });
});
