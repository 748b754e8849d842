import { describe, expect, it } from "vitest";
import type { RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import { startTestServer } from "../../contract/http/__fixtures__/test-server.ts";
import type { ChatInput } from "../../contract/capabilities/chat.ts";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";
import { serverSent } from "./__fixtures__/server-sent.ts";
import { parameters } from "./parameters.ts";

const chatRoute = "POST /v1/chat/completions";
const model = "m";

function chunk(delta: object, finish: string | null = null): object {
  return {
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

const hello = serverSent([
  chunk({ role: "assistant", content: "Hel" }),
  chunk({ content: "lo" }),
  chunk({}, "stop"),
  {
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
  },
  "[DONE]",
]);

async function compatible(answers: RecordedAnswers, options: Record<string, unknown> = {}) {
  const server = await startRecordedServer(answers);
  const sdk = createAiSdk({
    provider: "@ai-sdk/openai-compatible",
    options: { baseURL: `${server.url}/v1`, supportsStructuredOutputs: true, ...options },
  });
  return { server, sdk };
}

describe("@ai-sdk/openai-compatible", () => {
  it("asks for the usage of a stream by itself", async () => {
    const { server, sdk } = await compatible([hello]);
    await using _ = server;
    expect(await sdk.chat({ prompt: "Hello" }, { model })).toEqual([
      { type: "text-delta", text: "Hel" },
      { type: "text-delta", text: "lo" },
      {
        type: "finish",
        reason: "stop",
        rawReason: "stop",
        usage: {
          inputTokens: 9,
          outputTokens: 2,
          raw: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
        },
      },
    ]);
    expect(server.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  it("tells a refusal whose body never ends", async () => {
    await using server = await startTestServer((_, response) => {
      response.writeHead(500, { "content-type": "text/plain" }).write("No room.");
    });
    const options = { baseURL: `${server.url}/v1`, apiKey: "none" };
    const sdk = createAiSdk({ provider: "@ai-sdk/openai-compatible", options });
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({
      code: "backend-error",
      message: expect.stringContaining("No room."),
    });
  });

  const tools = [{ name: "look", inputSchema: { type: "object" } }];
  const schema = { type: "object", properties: { city: { type: "string" } } };
  const sent: Record<string, [Partial<ChatInput>, object]> = {
    maxTokens: [{ maxTokens: 5 }, { max_tokens: 5 }],
    temperature: [{ temperature: 0 }, { temperature: 0 }],
    topP: [{ topP: 0.5 }, { top_p: 0.5 }],
    stop: [{ stop: ["END"] }, { stop: ["END"] }],
    seed: [{ seed: 7 }, { seed: 7 }],
    frequencyPenalty: [{ frequencyPenalty: 0.5 }, { frequency_penalty: 0.5 }],
    presencePenalty: [{ presencePenalty: 0.5 }, { presence_penalty: 0.5 }],
    reasoningEffort: [{ reasoningEffort: "low" }, { reasoning_effort: "low" }],
    providerOptions: [
      { providerOptions: { "ai-sdk": { openaiCompatible: { min_p: 0.1 } } } },
      { min_p: 0.1 },
    ],
    tools: [
      { tools },
      { tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }] },
    ],
    toolChoice: [
      { tools, toolChoice: { toolName: "look" } },
      { tool_choice: { type: "function", function: { name: "look" } } },
    ],
    responseSchema: [
      { responseSchema: schema },
      { response_format: { type: "json_schema", json_schema: { schema } } },
    ],
  };

  // This provider has no topK, and says so.
  const honoured = Object.keys(parameters.chat ?? {}).filter(
    (name) => parameters.chat?.[name] === "honoured" && name !== "topK",
  );

  it.each(honoured)("honours %s, as its table says", async (name) => {
    const [input, expected] = sent[name] ?? [{}, { [name]: "unproven" }];
    const { server, sdk } = await compatible([hello]);
    await using _ = server;
    await sdk.chat({ prompt: "Hello", ...input }, { model });
    expect(server.requests[0]?.body).toMatchObject(expected);
    expect(sdk.warnings).toEqual([]);
  });

  it("says what it has no word for", async () => {
    const { server, sdk } = await compatible([hello, hello]);
    await using _ = server;
    await sdk.chat({ prompt: "Hello", topK: 3, logitBias: { 5: 1 } }, { model });
    expect(sdk.warnings).toEqual([
      "logitBias: the AI SDK has no word for it; it was left out.",
      "@ai-sdk/openai-compatible does not support topK.",
    ]);
    await expect(sdk.chat({ prompt: "Hello", logprobs: 0 }, { model })).rejects.toMatchObject({
      code: "capability-not-supported",
    });
    expect(server.requests).toHaveLength(1);
    await sdk.chat({ prompt: "Hello", tools, parallelToolCalls: false }, { model });
    expect(server.requests[1]?.body).not.toHaveProperty("parallel_tool_calls");
    expect(parameters.chat).toMatchObject({
      logitBias: "warned",
      logprobs: "refused",
      parallelToolCalls: "converted",
    });
  });

  it("warns where the provider can't hold a schema", async () => {
    const { server, sdk } = await compatible([hello], { supportsStructuredOutputs: false });
    await using _ = server;
    await sdk.chat({ prompt: "Hello", responseSchema: schema }, { model });
    expect(sdk.warnings).toEqual([
      "@ai-sdk/openai-compatible does not support responseSchema: JSON response format schema is only supported with structuredOutputs",
    ]);
  });

  it.each([
    ["whole", "tool_calls", '{"city":"Oslo"}', { input: { city: "Oslo" } }],
    ["under a finish that says stop", "stop", '{"city":"Oslo"}', { input: { city: "Oslo" } }],
  ])("gives a call %s", async (_name, finish, text, expected) => {
    const { server, sdk } = await compatible([callAnswer(text, finish)]);
    await using _ = server;
    const events = await sdk.chat({ prompt: "Hello", tools }, { model });
    expect(events).toMatchObject([
      { type: "tool-call", toolName: "look", toolCallId: "call_1", ...expected },
      { type: "finish", reason: "tool-calls", rawReason: finish },
    ]);
  });

  it("leaves out a call that the length has cut", async () => {
    const { server, sdk } = await compatible([callAnswer('{"city":"Os', "length")]);
    await using _ = server;
    const events = await sdk.chat({ prompt: "Hello", tools }, { model });
    expect(events).toMatchObject([{ type: "finish", reason: "length" }]);
  });

  it("takes a call with broken arguments for no answer", async () => {
    const { server, sdk } = await compatible([callAnswer('{"city":"Os', "tool_calls")]);
    await using _ = server;
    await expect(sdk.chat({ prompt: "Hello", tools }, { model })).rejects.toMatchObject({
      code: "invalid-response",
    });
  });

  function callAnswer(text: string, finish: string) {
    const call = { index: 0, id: "call_1", type: "function" };
    return serverSent([
      chunk({ tool_calls: [{ ...call, function: { name: "look", arguments: text } }] }),
      chunk({}, finish),
      "[DONE]",
    ]);
  }

  it.each([
    [
      "an error in mid-stream",
      serverSent([
        chunk({ content: "Half" }),
        { error: { code: 500, message: "out of memory", type: "server_error" } },
      ]),
      "backend-error",
    ],
    [
      "a cut connection",
      serverSent([chunk({ content: "Half" })], { ended: "cut" }),
      "stream-interrupted",
    ],
    ["a stream without a finish", serverSent([chunk({ content: "Half" })]), "stream-interrupted"],
    ["an event that is no answer", serverSent([{ object: "list" }]), "invalid-response"],
    [
      "a page",
      { status: 200, contentType: "text/html", body: "<!doctype html><title>Hi</title>" },
      "invalid-response",
    ],
  ])("never gives %s as a whole answer", async (_name, answer, code) => {
    const { server, sdk } = await compatible([answer]);
    await using _ = server;
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({ code });
  });

  it("says where nothing listens", async () => {
    const { server, sdk } = await compatible({ [chatRoute]: hello });
    await server.stop();
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({
      code: "backend-unavailable",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+: the connection was refused\.$/),
    });
  });

  it("embeds 2,049 texts in as many requests as it takes, joined in order, and adds up their cost", async () => {
    const { server, sdk } = await compatible({
      "POST /v1/embeddings": (request, response) => {
        const { input } = request.body as { input: string[] };
        const data = input.map((text, index) => ({ index, embedding: [Number(text), 1] }));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ data, usage: { prompt_tokens: input.length } }));
      },
    });
    await using _ = server;
    const input = Array.from({ length: 2_049 }, (_each, index) => String(index));
    const { embeddings, usage } = await sdk.embed({ input }, { model });
    expect(server.requests).toHaveLength(2);
    expect(usage).toEqual({ inputTokens: 2_049 });
    expect(embeddings).toHaveLength(2_049);
    embeddings.forEach(([first = 0, second = 0], index) => {
      expect(Math.hypot(first, second)).toBeCloseTo(1, 12);
      expect(first / second).toBeCloseTo(index, 6);
    });
  });

  it("gives no sum of what was not counted throughout", async () => {
    const { server, sdk } = await compatible({
      "POST /v1/embeddings": (request, response) => {
        const { input } = request.body as { input: string[] };
        const data = input.map(() => ({ embedding: [3, 4] }));
        const usage = input.length > 1 ? { usage: { prompt_tokens: input.length } } : {};
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ data, ...usage }));
      },
    });
    await using _ = server;
    const { usage } = await sdk.embed({ input: Array(2_049).fill("A") as string[] }, { model });
    expect(server.requests).toHaveLength(2);
    expect(usage).toEqual({});
  });

  it("sends dimensions, and warns of what it can't do when it embeds", async () => {
    const { server, sdk } = await compatible([
      { status: 200, body: { data: [{ embedding: [3, 4] }] } },
    ]);
    await using _ = server;
    const { embeddings } = await sdk.embed(
      { input: "A", dimensions: 2, purpose: "query" },
      { model },
    );
    expect(embeddings).toEqual([[0.6, 0.8]]);
    expect(server.requests[0]?.body).toMatchObject({ dimensions: 2, input: ["A"] });
    expect(sdk.warnings).toEqual([
      "The AI SDK has no word for what a text is embedded for: purpose is left out.",
    ]);
    expect(parameters.embedding).toEqual({ dimensions: "honoured", purpose: "warned" });
  });

  it("takes vectors of another length than was asked for as an error", async () => {
    const { server, sdk } = await compatible([
      { status: 200, body: { data: [{ embedding: [3, 4, 0] }] } },
    ]);
    await using _ = server;
    await expect(sdk.embed({ input: "A", dimensions: 2 }, { model })).rejects.toMatchObject({
      code: "capability-not-supported",
      message: "m gave vectors of 3 dimensions, not of 2.",
    });
  });

  it.each([
    ["fewer vectors than texts", { data: [{ embedding: [1] }] }],
    ["no vectors", { object: "list" }],
  ])("takes %s for no answer", async (_name, body) => {
    const { server, sdk } = await compatible([{ status: 200, body }]);
    await using _ = server;
    await expect(sdk.embed({ input: ["A", "B"] }, { model })).rejects.toMatchObject({
      code: "invalid-response",
    });
  });
});
