import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { completion } from "../../contract/capabilities/completion.ts";
import type { Usage } from "../../contract/usage.ts";
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
        "GET /v1/models": recorded("models"),
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

describe("llama.cpp's recorded answers", () => {
  it.each<[string, { text: string | RegExp; finish: string } & Partial<Usage>]>([
    [
      "chat",
      {
        text: "Hello! I'm here to help with",
        finish: "length",
        inputTokens: 33,
        outputTokens: 8,
        cachedInputTokens: 24,
      },
    ],
    [
      "chat-again",
      { text: "Hello! I'm here to help with", finish: "length", cachedInputTokens: 32 },
    ],
    ["chat-stop", { text: /help you with today$/, finish: "stop", outputTokens: 23 }],
    [
      "chat-stream-usage",
      { text: "Hello! I'm here to help with", finish: "length", inputTokens: 33, outputTokens: 8 },
    ],
    ["chat-stream", { text: "Hello! I'm here to help with", finish: "length" }],
    ["chat-schema", { text: /"city"/, finish: "length", outputTokens: 60 }],
    ["chat-tools", { text: /^Bella viva, Roma!/, finish: "length" }],
    ["chat-logprobs", { text: "Hello!", finish: "length" }],
    ["unknown-model-ignored", { text: "Hello!", finish: "length", outputTokens: 2 }],
  ])("%s", async (name, expected) => {
    const { text, finish: reason, ...usage } = expected;
    const { url } = await serve({ "POST /v1/chat/completions": recorded(name) });
    const trial = tryBackend({ baseUrl: url, profile: "llama.cpp" });
    const { events, error } = await tryChat(trial, { prompt: "Say hello." });
    expect(error).toBeUndefined();
    const whole = events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
    expect(whole).toMatch(text);
    expect(events.at(-1)).toMatchObject({ type: "finish", reason, usage });
  });
});

describe("llama.cpp's other recorded answers", () => {
  it.each<[string, string, number]>([
    ["completions", ", the city of New Haven was a", 8],
    ["completions-stream", ", the city of", 4],
  ])("%s", async (name, text, outputTokens) => {
    const { url } = await serve({ "POST /v1/completions": recorded(name) });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama.cpp" });
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
    const { url } = await serve({ "POST /v1/embeddings": recorded(name) });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama.cpp" });
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
      "POST /v1/chat/completions": recorded(name),
      "POST /v1/embeddings": recorded(name),
    });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "llama.cpp" });
    const asked =
      capability === "chat"
        ? tryChat({ backend, context }, { prompt: "Hi" }).then(({ error }) => Promise.reject(error))
        : backend.capabilities.embedding!({ input: ["Hi"] }, context);
    await expect(asked).rejects.toMatchObject(expected);
  });

  it("models, properties and health", async () => {
    const { url, requests } = await serve({
      "GET /v1/models": recorded("models"),
      "GET /health": recorded("health"),
      "GET /props": recorded("props"),
      "GET /slots": recorded("slots"),
    });
    const { backend } = tryBackend({ baseUrl: url });
    const { signal } = new AbortController();
    expect(await backend.listModels!(signal)).toEqual([{ name: "smollm2", contextTokens: 2048 }]);
    expect(backend.takesAnyModel!()).toBe(false);
    expect(await backend.healthCheck!(signal)).toEqual({ status: "healthy" });
    expect(requests.map(({ path }) => path)).toEqual(["/v1/models", "/v1/models", "/health"]);
  });
});
