import { describe, expect, it } from "vitest";
import type { Handlers } from "../contract/backend.ts";
import type { ChatEvent, ChatRequest } from "../contract/capabilities/chat.ts";
import { ModelyardError } from "../contract/errors.ts";
import { saying } from "../gateway/__fixtures__/test-gateway.ts";
import { dataOf, hello, serveBackend } from "./__fixtures__/serve-backend.ts";

const chatPath = "/v1/chat/completions";

/** A chat that gives these events, and what it was asked. */
function answering(...events: ChatEvent[]) {
  const asked: ChatRequest[] = [];
  const chat: NonNullable<Handlers["chat"]> = async function* (request, { warn }) {
    asked.push(request);
    if (request.seed === 7) warn("seed was dropped – it is unlucky.");
    yield* events;
  };
  return { chat, asked };
}

const finish = {
  type: "finish",
  reason: "stop",
  usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 1, reasoningTokens: 1 },
} as const;
const call = { type: "tool-call", toolCallId: "c1", toolName: "look", input: { at: 1 } } as const;
const usage = {
  prompt_tokens: 3,
  completion_tokens: 2,
  total_tokens: 5,
  prompt_tokens_details: { cached_tokens: 1 },
  completion_tokens_details: { reasoning_tokens: 1 },
};

describe("a whole answer", () => {
  it("is a chat completion, with what it was asked in the contract's words", async () => {
    const { chat, asked } = answering(
      { type: "reasoning-delta", text: "hm" },
      { type: "text-delta", text: "hi" },
      call,
      { ...finish, reason: "tool-calls" },
    );
    const { post } = await serveBackend({ chat });
    const response = await post(
      chatPath,
      { ...hello, seed: 7, user: "u", max_completion_tokens: 5, n: 1, logprobs: false },
      { headers: { "x-request-id": "mine" } },
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: "chatcmpl-mine",
      object: "chat.completion",
      created: expect.any(Number) as number,
      model: "test/m",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "hi",
            refusal: null,
            reasoning_content: "hm",
            tool_calls: [
              { id: "c1", type: "function", function: { name: "look", arguments: '{"at":1}' } },
            ],
          },
          logprobs: null,
          finish_reason: "tool_calls",
        },
      ],
      usage,
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-request-id": "mine",
      "x-modelyard-backend": "test",
      "x-modelyard-attempts": "1",
      "x-modelyard-warnings": String.raw`["user was ignored.","seed was dropped \u2013 it is unlucky."]`,
    });
    expect(asked).toMatchObject([{ maxTokens: 5, seed: 7 }]);
  });

  it("gives the text that was there when its deadline passed, and says so", async () => {
    const { post } = await serveBackend({
      async *chat(_, { signal }) {
        yield { type: "text-delta", text: "begun" };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    for (const [body, headers] of [
      [{ timeoutMs: 100 }, {}],
      [{}, { "x-modelyard-timeout-ms": "100" }],
    ] as const) {
      const response = await post(chatPath, { ...hello, ...body }, { headers });
      expect(response.headers.get("x-modelyard-warnings")).toContain("deadline");
      expect(await response.json()).toMatchObject({
        choices: [{ message: { content: "begun" }, finish_reason: "length" }],
      });
    }
    const streamed = await post(chatPath, { ...hello, timeoutMs: 100, stream: true });
    const text = await streamed.text();
    expect(text).toContain("event: error\n");
    expect(text).not.toContain("[DONE]");
    expect(dataOf(text).at(-1)).toMatchObject({ error: { code: "timeout", type: "server_error" } });
  });

  it("continues a text, and makes vectors, as numbers or base64", async () => {
    const { post } = await serveBackend({
      async *completion({ prompt }) {
        yield { type: "text-delta", text: `${prompt}!` };
        yield finish;
      },
      embedding: async ({ input }) => ({
        embeddings: input.map(() => [0.5, -1]),
        usage: { inputTokens: 4 },
      }),
    });
    const completed = await post("/v1/completions", { model: "test/m", prompt: ["a"] });
    expect(await completed.json()).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, text: "a!", logprobs: null, finish_reason: "stop" }],
    });
    const streamed = await post("/v1/completions", { model: "test/m", prompt: "a", stream: true });
    expect(dataOf(await streamed.text())).toMatchObject([
      { choices: [{ text: "a!", finish_reason: null }] },
      { choices: [{ text: "", finish_reason: "stop" }] },
      "[DONE]",
    ]);
    const ask = { model: "test/m", input: ["a", "b"] };
    expect(await (await post("/v1/embeddings", ask)).json()).toEqual({
      object: "list",
      data: [0, 1].map((index) => ({ object: "embedding", index, embedding: [0.5, -1] })),
      model: "test/m",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const coded = await post("/v1/embeddings", { ...ask, encoding_format: "base64" });
    const { data } = (await coded.json()) as { data: { embedding: string }[] };
    const bytes = Buffer.from(data[0]!.embedding, "base64");
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([8, 0.5, -1]);
  });

  it("is the contract's own for a capability that OpenAI does not know", async () => {
    const { post } = await serveBackend({
      classification: async () => ({
        labels: [
          { label: "a", score: 0.1 },
          { label: "b", score: 0.9 },
        ],
        usage: {},
      }),
    });
    const ask = { model: "test/m", input: "x", labels: ["a", "b"] };
    const response = await post("/v1/classify", ask);
    expect(response.headers.get("x-modelyard-backend")).toBe("test");
    expect(await response.json()).toEqual({
      labels: [
        { label: "b", score: 0.9 },
        { label: "a", score: 0.1 },
      ],
      usage: {},
      model: "m",
      backend: "test",
    });
    expect((await post("/v1/classify", { ...ask, stream: true })).status).toBe(400);
  });
});

describe("a streamed answer", () => {
  it("is chunks, each with what is new, and what it cost where asked", async () => {
    const { chat } = answering(
      { type: "reasoning-delta", text: "hm" },
      { type: "text-delta", text: "h\ni\u2028" },
      call,
      { ...call, toolCallId: "c2" },
      { ...finish, reason: "tool-calls" },
    );
    const { post } = await serveBackend({ chat });
    const ask = { ...hello, stream: true, stream_options: { include_usage: true } };
    const response = await post(chatPath, ask);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-modelyard-backend")).toBe("test");
    const data = dataOf(await response.text()) as { choices?: { delta: unknown }[] }[];
    expect(data.at(-1)).toBe("[DONE]");
    expect(data.at(-2)).toMatchObject({ choices: [], usage });
    const toolCall = { type: "function", function: { name: "look", arguments: '{"at":1}' } };
    expect(data.slice(0, -2).map((chunk) => chunk.choices?.[0]?.delta)).toEqual([
      { role: "assistant", reasoning_content: "hm" },
      { content: "h\ni\u2028" },
      { tool_calls: [{ index: 0, id: "c1", ...toolCall }] },
      { tool_calls: [{ index: 1, id: "c2", ...toolCall }] },
      {},
    ]);
  });

  it("that fails before its first event has a status; after it, an error event and no [DONE]", async () => {
    const failure = new ModelyardError("rate-limited", "Slower.", { retryAfterMs: 1500 });
    const { post } = await serveBackend({
      async *chat({ messages }) {
        if (messages.length === 2) yield { type: "text-delta", text: "begun" };
        throw failure;
      },
    });
    const refused = await post(chatPath, { ...hello, stream: true });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(refused.headers.get("x-modelyard-backend")).toBe("test");
    const messages = [...hello.messages, ...hello.messages];
    const text = await (await post(chatPath, { ...hello, messages, stream: true })).text();
    expect(text).toContain("event: error\n");
    expect(dataOf(text)).toMatchObject([
      { choices: [{ delta: { content: "begun" } }] },
      { error: { code: "rate-limited", message: "Slower.", param: null } },
    ]);
  });

  it("that waits long is kept alive, and tells at its end what no header could", async () => {
    const gate = Promise.withResolvers<void>();
    const { post } = await serveBackend(
      {
        async *chat({ seed }, { warn }) {
          await gate.promise;
          if (seed === 1) throw new ModelyardError("backend-error", "It broke.");
          warn("late");
          yield* [{ type: "text-delta", text: "hi" }, finish] as const;
        },
      },
      { keepAliveMs: 20 },
    );
    const [good, bad] = await Promise.all([
      post(chatPath, { ...hello, stream: true }),
      post(chatPath, { ...hello, stream: true, seed: 1 }),
    ]);
    expect([good.status, bad.status]).toEqual([200, 200]);
    gate.resolve();
    const text = await good.text();
    expect(text).toMatch(/^: waiting\n\n/);
    expect(dataOf(text).at(-2)).toMatchObject({
      modelyard: { backend: "test", warnings: ["late"] },
    });
    expect(dataOf(await bad.text())).toMatchObject([{ error: { code: "backend-error" } }]);
  });

  it("holds the backend back while nobody reads", async () => {
    let written = 0;
    const { post } = await serveBackend({
      async *chat() {
        const text = "x".repeat(10_000);
        for (; written < 5_000; written++) yield { type: "text-delta", text };
        yield finish;
      },
    });
    const response = await post(chatPath, { ...hello, stream: true });
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(written).toBeLessThan(5_000);
    expect(dataOf(await response.text()).length).toBe(5_002);
  });
});

describe("a client who leaves", () => {
  it.each([
    ["before the headers", false, false],
    ["before the first token", true, false],
    ["in mid-stream", true, true],
  ])("stops the work upstream %s", async (_when, stream, begins) => {
    const called = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<string>();
    const { post, lines } = await serveBackend({
      async *chat(_, { signal }) {
        signal.addEventListener("abort", () => stopped.resolve(String(signal.reason.code)));
        if (begins) yield { type: "text-delta", text: "begun" };
        called.resolve();
        await stopped.promise;
      },
    });
    const leaving = new AbortController();
    const response = post(chatPath, { ...hello, stream }, { signal: leaving.signal });
    const body = response.then((each) => each.text());
    body.catch(() => {});
    await called.promise;
    if (begins) await response;
    leaving.abort();
    expect(await stopped.promise).toBe("cancelled");
    await expect(body).rejects.toThrow("aborted");
    expect(lines).toEqual([]);
  });
});

describe("what is wrong", () => {
  it.each<[string, object, string, string]>([
    [chatPath, { n: 200 }, "n", "from 1 to 128"],
    [chatPath, { logprobs: true, top_logprobs: 21 }, "top_logprobs", "from 0 to 20"],
    [chatPath, { max_tokens: -1 }, "max_tokens", "max_tokens: "],
    [chatPath, { temperature: "hot" }, "temperature", "temperature: "],
    [chatPath, { temprature: 1 }, "temprature", "temperature"],
    [chatPath, { messages: undefined }, "messages", "Must be an array"],
    [chatPath, { messages: [{ role: "user", content: "\ud800" }] }, "messages[0].content", ""],
    [chatPath, { privacy: "local" }, "privacy", "device, network or remote"],
    [chatPath, { timeoutMs: 0 }, "timeoutMs", "at least 1"],
    [chatPath, { model: "test/other" }, "model", "other"],
    [chatPath, { stream: "yes" }, "stream", "true or false"],
    ["/v1/completions", { prompt: [1, 2], messages: undefined }, "prompt", "Token numbers"],
    ["/v1/embeddings", { input: [1, 2], messages: undefined }, "input", "Token numbers"],
  ])("is named on %s %j", async (path, change, param, message) => {
    const { post } = await serveBackend({ chat: saying("hi") });
    const response = await post(path, { ...hello, ...change });
    const { error } = (await response.json()) as { error: Record<string, string> };
    expect([response.status, error["code"], error["param"]]).toEqual(
      param === "model" ? [404, "model-not-found", "model"] : [400, "invalid-request", param],
    );
    expect(error["message"]).toContain(message);
  });

  it("repeats no prompt where the body is no JSON, and takes no other type", async () => {
    const { url } = await serveBackend({ chat: saying("hi") });
    const headers = { "content-type": "application/json" };
    const broken = await fetch(url + chatPath, { method: "POST", headers, body: "secret words" });
    expect(broken.status).toBe(400);
    expect(await broken.text()).not.toContain("secret");
    expect((await fetch(url + chatPath, { method: "POST", headers, body: "[]" })).status).toBe(400);
    const xml = { "content-type": "application/xml" };
    const other = await fetch(url + chatPath, { method: "POST", headers: xml, body: "{}" });
    expect(other.status).toBe(415);
  });
});

describe("/v1/models", () => {
  it("lists models, and gives one by its name, with or without its backend", async () => {
    const { url } = await serveBackend({ chat: saying("hi") });
    const list = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(["test/m", "test/owner/m"]);
    for (const name of ["test/m", "test%2Fm", "m"]) {
      const response = await fetch(`${url}/v1/models/${name}`);
      expect(await response.json()).toMatchObject({
        id: "test/m",
        object: "model",
        created: 0,
        owned_by: "test",
        context_length: 100,
      });
    }
    const missing = await fetch(`${url}/v1/models/nothing`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: "model-not-found" } });
  });
});
