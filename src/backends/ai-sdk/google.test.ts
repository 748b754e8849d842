import { describe, expect, it } from "vitest";
import type { RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";
import { badKey, chunk, usage } from "./__fixtures__/google.ts";
import { serverSent } from "./__fixtures__/server-sent.ts";

async function google(answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  const sdk = createAiSdk({
    provider: "@ai-sdk/google",
    options: { apiKey: "AIza-123456", baseURL: `${server.url}/v1beta` },
  });
  return { server, sdk };
}

const model = "gemini-2.5-flash";

describe("@ai-sdk/google", () => {
  it("answers with reasoning, text, a call, and what they cost", async () => {
    const { server, sdk } = await google([
      serverSent([
        chunk([{ text: "A city.", thought: true }]),
        chunk([{ text: "Let me look." }]),
        chunk([{ functionCall: { name: "weather", args: { city: "Oslo" } } }], {
          finishReason: "STOP",
          usage,
        }),
      ]),
    ]);
    await using _ = server;
    const inputSchema = { type: "object", properties: { city: { type: "string" } } };
    const events = await sdk.chat(
      {
        system: "Be brief.",
        prompt: "How is Oslo?",
        tools: [{ name: "weather", inputSchema }],
        maxTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        stop: ["END"],
        seed: 7,
      },
      { model },
    );
    expect(events).toEqual([
      { type: "reasoning-delta", text: "A city." },
      { type: "text-delta", text: "Let me look." },
      {
        type: "tool-call",
        toolCallId: expect.any(String),
        toolName: "weather",
        input: { city: "Oslo" },
      },
      {
        type: "finish",
        reason: "tool-calls",
        rawReason: "STOP",
        usage: {
          inputTokens: 20,
          outputTokens: 12,
          cachedInputTokens: 8,
          reasoningTokens: 7,
          raw: usage,
        },
      },
    ]);
    expect(server.requests[0]).toMatchObject({
      path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
      headers: { "x-goog-api-key": "AIza-123456" },
      body: {
        systemInstruction: { parts: [{ text: "Be brief." }] },
        contents: [{ role: "user", parts: [{ text: "How is Oslo?" }] }],
        generationConfig: {
          maxOutputTokens: 100,
          temperature: 0.5,
          topP: 0.9,
          stopSequences: ["END"],
          seed: 7,
        },
        tools: [{ functionDeclarations: [{ name: "weather" }] }],
      },
    });
    expect(sdk.warnings).toEqual([]);
  });

  it("says that the upstream stopped for safety", async () => {
    const { server, sdk } = await google([
      serverSent([chunk([{ text: "First, " }]), chunk([], { finishReason: "SAFETY", usage })]),
    ]);
    await using _ = server;
    const events = await sdk.chat({ prompt: "Hello" }, { model });
    expect(events.at(-1)).toMatchObject({
      type: "finish",
      reason: "content-filter",
      rawReason: "SAFETY",
    });
  });

  it.each([
    ["a stream that ends before its answer", [], "stream-interrupted"],
    [
      "an error in mid-stream",
      [{ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }],
      "overloaded",
    ],
    [
      "a call that it could not make out",
      [chunk([], { finishReason: "MALFORMED_FUNCTION_CALL", usage })],
      "backend-error",
    ],
  ])("never gives %s as a whole answer", async (_name, rest, code) => {
    const { server, sdk } = await google([serverSent([chunk([{ text: "Half" }]), ...rest])]);
    await using _ = server;
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({ code });
  });

  it("tells a key that is refused from a request that is", async () => {
    const { server, sdk } = await google([badKey]);
    await using _ = server;
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({
      code: "backend-unauthorized",
      remedy: expect.stringContaining("key"),
    });
  });

  it("embeds as many texts a request as the provider takes, in order and of length 1", async () => {
    const vectors: number[][] = Array.from({ length: 101 }, (_, index) => [index + 1, 0, 0]);
    const { server, sdk } = await google({
      "POST /v1beta/models/gemini-embedding-001:batchEmbedContents": (request, response) => {
        const { requests } = request.body as { requests: { content: { parts: object[] } }[] };
        const embeddings = requests.map(() => ({ values: vectors.shift() }));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ embeddings }));
      },
      "POST /v1beta/models/gemini-embedding-001:embedContent": {
        status: 200,
        body: { embedding: { values: [0, -5, 0] } },
      },
    });
    await using _ = server;
    const input = Array.from({ length: 101 }, (_, index) => `text ${index}`);
    const { embeddings } = await sdk.embed(
      { input, dimensions: 3 },
      { model: "gemini-embedding-001" },
    );
    expect(server.requests.map(({ path }) => path.split(":")[1])).toEqual([
      "batchEmbedContents",
      "embedContent",
    ]);
    expect(embeddings).toHaveLength(101);
    expect(embeddings.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => [1, 0, 0]));
    expect(embeddings[100]).toEqual([0, -1, 0]);
    expect(server.requests[1]?.body).toMatchObject({
      outputDimensionality: 3,
      content: { parts: [{ text: "text 100" }] },
    });
    expect(sdk.warnings).toEqual([]);
  });
});
