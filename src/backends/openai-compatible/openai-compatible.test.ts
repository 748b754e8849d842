import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { chat, type ChatEvent, type ChatInput } from "../../contract/capabilities/chat.ts";
import { completion } from "../../contract/capabilities/completion.ts";
import type { RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import { recorded, tryBackend, tryChat } from "./__fixtures__/try-backend.ts";

const shapes = JSON.parse(
  readFileSync(new URL("__fixtures__/openai-compatible-shapes.json", import.meta.url), "utf8"),
) as {
  streams: { shows: string; response: { status: number; body: string; contentType: string } }[];
  errors: { response: { status: number; headers: Record<string, string>; body: string } }[];
};

async function serve(answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  onTestFinished(() => server.stop());
  return server;
}

const textOf = (events: readonly ChatEvent[]) =>
  events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
const finish = (reason: string, rest: object = {}) => ({ type: "finish", reason, ...rest });
const said = (text: string) => ({ type: "text-delta", text });

/** What each recorded shape of stream means, in our words. */
const meanings: Record<string, { events: object[]; error?: object }> = {
  "openai+usage chunk": {
    events: [said("Hi"), finish("stop", { usage: { raw: { total_tokens: 3 } } })],
  },
  "openrouter comments, CRLF": { events: [said("Hi"), finish("stop")] },
  "vllm reasoning": {
    events: [{ type: "reasoning-delta", text: "r" }, said("x"), finish("stop")],
  },
  "llama.cpp reasoning_content": {
    events: [{ type: "reasoning-delta", text: "r" }, said("x"), finish("stop")],
  },
  "azure first chunk no choices": { events: [said("a"), finish("stop")] },
  "vllm/tgi mid-stream error then DONE": {
    events: [said("par")],
    error: { code: "backend-error", message: expect.stringContaining("boom") },
  },
  "sglang-old/flat error object": {
    events: [],
    error: { code: "invalid-request", message: expect.stringContaining("bad") },
  },
  "ollama /v1 swallowed error (no DONE)": {
    events: [said("par")],
    error: { code: "stream-interrupted" },
  },
  "openrouter error w/ finish_reason error": {
    events: [],
    error: { code: "backend-unavailable", message: expect.stringContaining("prov") },
  },
  "event: error": { events: [], error: { code: "backend-unavailable" } },
  "tool calls split, no index": {
    events: [
      { type: "tool-call", toolCallId: "a", toolName: "f", input: { x: 1 } },
      finish("tool-calls"),
    ],
  },
  "2 parallel calls same index new id, finish stop": {
    events: [
      { type: "tool-call", toolCallId: "a", toolName: "f", input: {} },
      { type: "tool-call", toolCallId: "b", toolName: "g", input: {} },
      finish("tool-calls", { rawReason: "stop" }),
    ],
  },
  "object arguments": {
    events: [
      { type: "tool-call", toolCallId: "a", toolName: "f", input: { x: 1 } },
      finish("tool-calls"),
    ],
  },
  "server ignores stream": {
    events: [said("whole"), finish("stop", { usage: { raw: { total_tokens: 2 } } })],
  },
  "200 with error body": {
    events: [],
    error: { code: "backend-unauthorized", message: expect.stringContaining("no credits") },
  },
  "cut stream": { events: [said("par")], error: { code: "stream-interrupted" } },
  malformed: {
    events: [],
    error: { code: "invalid-response", message: expect.stringContaining("{oops") },
  },
};

describe("a stream", () => {
  it.each(shapes.streams)("$shows", async ({ shows, response }) => {
    const { url } = await serve({ "POST /v1/chat/completions": response });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    const { events, error } = await tryChat(trial, { prompt: "Hi" });
    const meaning = meanings[shows];
    if (meaning === undefined) throw new Error(`Nobody has said what this means: ${shows}`);
    expect(events).toEqual(meaning.events.map((each) => expect.objectContaining(each)));
    expect(error ?? {}).toMatchObject(meaning.error ?? {});
    expect(error === undefined).toBe(meaning.error === undefined);
  });
});

describe("a refusal", () => {
  const codes = [
    "backend-unauthorized",
    "model-not-found",
    "invalid-request",
    "backend-unauthorized",
    "backend-error",
    "invalid-request",
    "rate-limited",
    "backend-unavailable",
    "backend-unavailable",
    "context-length-exceeded",
    "backend-unavailable",
  ];
  it.each(shapes.errors.map(({ response }, at) => ({ response, code: codes[at] })))(
    "$response.status $response.body",
    async ({ response, code }) => {
      const { url } = await serve({
        "GET /v1/models": recorded("llama-server/models"),
        "POST /v1/chat/completions": response,
      });
      const trial = tryBackend({ baseUrl: url, profile: "plain" });
      const { events, error } = await tryChat(trial, { prompt: "Hi" });
      expect(events).toEqual([]);
      expect(error?.code).toBe(code);
      expect(error?.details).toMatchObject({ status: response.status });
    },
  );
});

const recordings = readdirSync(new URL("__fixtures__/llama-server", import.meta.url)).map((file) =>
  file.replace(/\.json$/, ""),
);
const read = new Set<string>();

/** A recorded answer of llama.cpp's server; the last test names those that were forgotten. */
function recording(name: string) {
  read.add(name);
  return recorded(`llama-server/${name}`);
}

const tokens = (inputTokens: number, outputTokens: number, cachedInputTokens: number) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
});

describe("llama.cpp's recorded answers", () => {
  const hello = /^Hello! I'm here to help with$/;
  it.each<[string, RegExp, string, object]>([
    ["chat", hello, "length", tokens(33, 8, 24)],
    ["chat-again", hello, "length", tokens(33, 8, 32)],
    ["chat-stop", /help you with today$/, "stop", tokens(33, 23, 32)],
    ["chat-stream-usage", hello, "length", tokens(33, 8, 32)],
    ["chat-stream", hello, "length", {}], // it was not asked for usage
    ["chat-schema", /"city"/, "length", tokens(33, 60, 32)],
    ["chat-tools", /^Bella viva, Roma!/, "length", tokens(34, 60, 24)],
    ["chat-logprobs", /^Hello!$/, "length", tokens(33, 2, 32)],
    ["unknown-model-ignored", /^Hello!$/, "length", tokens(33, 2, 24)],
  ])("%s", async (name, text, reason, usage) => {
    const { url } = await serve({ "POST /v1/chat/completions": recording(name) });
    const trial = tryBackend({ baseUrl: url, profile: "llama-server" });
    const { events, error } = await tryChat(trial, { prompt: "Say hello." });
    expect(error).toBeUndefined();
    expect(textOf(events)).toMatch(text);
    const { finishReason, usage: told } = chat.collect(events);
    const { raw: _raw, ...counted } = told;
    expect(finishReason).toBe(reason);
    expect(counted).toEqual(usage);
  });
});

describe("llama.cpp's other recorded answers", () => {
  it.each<[string, string, number]>([
    ["completions", ", the city of New Haven was a", 8],
    ["completions-stream", ", the city of", 4],
  ])("%s", async (name, text, outputTokens) => {
    const { url } = await serve({ "POST /v1/completions": recording(name) });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama-server" });
    const events = [];
    for await (const event of backend.capabilities.completion!({ prompt: "Once" }, context))
      events.push(event);
    expect(completion.collect(events)).toMatchObject({
      text,
      finishReason: "length",
      usage: { inputTokens: 4, outputTokens },
    });
  });

  it.each<[string, number, number]>([
    ["embeddings", 2, 4],
    ["embeddings-base64", 1, 384],
  ])("%s", async (name, inputs, dimensions) => {
    const { url } = await serve({ "POST /v1/embeddings": recording(name) });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama-server" });
    const input = Array.from({ length: inputs }, (_, at) => `text ${at}`);
    const { embeddings, usage } = await backend.capabilities.embedding!({ input }, context);
    expect(embeddings.map((vector) => vector.length)).toEqual(input.map(() => dimensions));
    for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(usage.inputTokens).toBeGreaterThan(0);
  });

  it.each<[string, "chat" | "embedding", object]>([
    ["error-bad-json", "chat", { code: "invalid-request" }],
    ["error-bad-role", "chat", { code: "invalid-request" }],
    ["error-no-messages", "chat", { code: "invalid-request" }],
    [
      "error-bad-schema",
      "chat",
      { code: "invalid-request", message: expect.stringMatching(/nonsense/) },
    ],
    ["error-chat-on-embedding-model", "chat", { code: "capability-not-supported" }],
    [
      "error-context",
      "chat",
      {
        code: "context-length-exceeded",
        details: { status: 400, contextTokens: 2048, inputTokens: 3031 },
      },
    ],
    [
      "error-context-stream",
      "chat",
      {
        code: "context-length-exceeded",
        details: { status: 400, contextTokens: 2048, inputTokens: 3031 },
      },
    ],
    ["error-no-route", "chat", { code: "backend-error", remedy: expect.stringMatching(/baseUrl/) }],
    ["error-embeddings-empty", "embedding", { code: "invalid-request" }],
    [
      "error-embeddings-off",
      "embedding",
      { code: "capability-not-supported", message: expect.stringMatching(/--embeddings/) },
    ],
    [
      "error-embeddings-too-long",
      "embedding",
      {
        code: "context-length-exceeded",
        details: { status: 500, contextTokens: 512, inputTokens: 902 },
      },
    ],
  ])("%s", async (name, capability, expected) => {
    const { url } = await serve({
      "POST /v1/chat/completions": recording(name),
      "POST /v1/embeddings": recording(name),
    });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama-server" });
    const asked =
      capability === "chat"
        ? tryChat({ backend, context }, { prompt: "Hi" }).then(({ error }) => Promise.reject(error))
        : backend.capabilities.embedding!({ input: ["Hi"] }, context);
    await expect(asked).rejects.toMatchObject(expected);
  });

  it("models and health", async () => {
    const { url, requests } = await serve({
      "GET /v1/models": recording("models"),
      "GET /health": recording("health"),
    });
    const { backend } = tryBackend({ baseUrl: url });
    const { signal } = new AbortController();
    expect(await backend.listModels!(signal)).toEqual([{ name: "smollm2", contextTokens: 2048 }]);
    expect(backend.takesAnyModel!()).toBe(false);
    expect(await backend.healthCheck!(signal)).toEqual({ status: "healthy" });
    expect(requests.map(({ path }) => path)).toEqual([
      "/v1/models",
      "/v1/models",
      "/v1/embeddings",
      "/health",
    ]);
  });

  it("models of a server that gives no vectors, as it says when asked for none", async () => {
    const { url, requests } = await serve({
      "GET /v1/models": recording("models"),
      "POST /v1/embeddings": recording("error-embeddings-off"),
    });
    const { backend } = tryBackend({ baseUrl: url, profile: "llama-server" });
    expect(await backend.listModels!(new AbortController().signal)).toMatchObject([
      { name: "smollm2", capabilities: ["chat", "completion", "classification"] },
    ]);
    expect(requests.at(-1)?.body).toEqual({});
  });

  const tools = [{ name: "get_weather", inputSchema: { type: "object" } }];
  const picture = { type: "image" as const, data: "iVBORw0KGgo=", mediaType: "image/png" };

  it.each<[string, ChatInput]>([
    ["call tools", { prompt: "Rome?", tools }],
    ["see images", { messages: [{ role: "user", content: [picture] }] }],
  ])("properties: this model can't %s", async (what, input) => {
    const { url, requests } = await serve({ "GET /props": recording("props") });
    const trial = tryBackend({ baseUrl: url, profile: "llama-server" });
    for (const _ of ["asked", "remembered"])
      expect((await tryChat(trial, input)).error).toMatchObject({
        code: "capability-not-supported",
        message: expect.stringContaining(`m can't ${what}`),
      });
    expect(requests.map(({ path }) => path)).toEqual(["/props"]);
  });

  it("properties that a proxy does not pass stop nobody", async () => {
    const { url, requests } = await serve({
      "GET /props": recording("error-no-route"),
      "POST /v1/chat/completions": recording("chat"),
    });
    const trial = tryBackend({ baseUrl: url, profile: "llama-server" });
    const { events } = await tryChat(trial, { prompt: "Rome?", tools });
    expect(events.at(-1)).toMatchObject({ type: "finish" });
    expect(requests.at(-1)?.body).toMatchObject({ tools: [{}] });
  });

  it.each(["slots", "health", "props"])("%s is JSON, but no answer to a chat", async (name) => {
    const { url } = await serve({ "POST /v1/chat/completions": recording(name) });
    const trial = tryBackend({ baseUrl: url, profile: "llama-server" });
    expect((await tryChat(trial, { prompt: "Hi" })).error).toMatchObject({
      code: "invalid-response",
      message: expect.stringContaining("no answer"),
    });
  });

  it("are all read", () => {
    expect(recordings.filter((name) => !read.has(name))).toEqual([]);
  });
});

it("an Ollama that dies in the midst swallows the error on its /v1: the answer is not whole", async () => {
  const { url } = await serve({
    "POST /v1/chat/completions": recorded("ollama/v1-runner-killed-stream"),
  });
  const trial = tryBackend({ baseUrl: url, profile: "plain" });
  const { events, error } = await tryChat(trial, { prompt: "Write a long story." });
  expect(textOf(events)).toMatch(/^There was once/);
  expect(events.map(({ type }) => type)).not.toContain("finish");
  expect(error).toMatchObject({ code: "stream-interrupted", remedy: expect.any(String) });
});
