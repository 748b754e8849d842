import { describe, expect, it } from "vitest";
import type { RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import {
  messageEnd,
  messageStart,
  overloaded,
  refusal,
  textBlock,
  thinkingBlock,
  toolBlock,
} from "./__fixtures__/anthropic.ts";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";
import { serverSent } from "./__fixtures__/server-sent.ts";

async function anthropic(answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  const sdk = createAiSdk({
    provider: "@ai-sdk/anthropic",
    options: { apiKey: "sk-ant-123456", baseURL: `${server.url}/v1` },
  });
  return { server, sdk };
}

const model = "claude-sonnet-4-5";

describe("@ai-sdk/anthropic", () => {
  it("answers with reasoning, text, calls side by side, and what they cost", async () => {
    const { server, sdk } = await anthropic([
      serverSent([
        messageStart,
        ...thinkingBlock(0, "Two cities."),
        ...textBlock(1, "Let me ", "look."),
        ...toolBlock(2, "toolu_1", "weather", '{"city":', '"Oslo"}'),
        ...toolBlock(3, "toolu_2", "weather", '{"city":"Rome"}'),
        ...messageEnd("tool_use", 40),
      ]),
    ]);
    await using _ = server;
    const inputSchema = { type: "object", properties: { city: { type: "string" } } };
    const events = await sdk.chat(
      {
        system: "Be brief.",
        prompt: "Warmer: Oslo or Rome?",
        tools: [{ name: "weather", description: "The weather in a city.", inputSchema }],
        maxTokens: 2000,
        providerOptions: {
          "ai-sdk": { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
        },
      },
      { model },
    );
    expect(events).toEqual([
      { type: "reasoning-delta", text: "Two cities." },
      { type: "text-delta", text: "Let me " },
      { type: "text-delta", text: "look." },
      { type: "tool-call", toolCallId: "toolu_1", toolName: "weather", input: { city: "Oslo" } },
      { type: "tool-call", toolCallId: "toolu_2", toolName: "weather", input: { city: "Rome" } },
      {
        type: "finish",
        reason: "tool-calls",
        rawReason: "tool_use",
        usage: {
          inputTokens: 42,
          outputTokens: 40,
          cachedInputTokens: 30,
          raw: {
            input_tokens: 12,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 30,
            output_tokens: 40,
          },
        },
      },
    ]);
    expect(server.requests[0]).toMatchObject({
      path: "/v1/messages",
      headers: { "x-api-key": "sk-ant-123456" },
      body: {
        model,
        stream: true,
        system: [{ type: "text", text: "Be brief." }],
        tools: [{ name: "weather", input_schema: inputSchema }],
        max_tokens: 3024, // the budget for thinking on top
        thinking: { type: "enabled", budget_tokens: 1024 },
      },
    });
    expect(sdk.secrets).toEqual(["sk-ant-123456"]);
  });

  it("sends images, calls and their results back", async () => {
    const { server, sdk } = await anthropic([
      serverSent([messageStart, ...textBlock(0, "Rome."), ...messageEnd("end_turn", 2)]),
    ]);
    await using _ = server;
    const call = { type: "tool-call" as const, toolCallId: "toolu_1", toolName: "look" };
    await sdk.chat(
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Which city?" },
              { type: "image", data: "iVBORw0KGgo=", mediaType: "image/png" },
            ],
          },
          { role: "assistant", content: [{ ...call, input: { zoom: 2 } }] },
          {
            role: "tool",
            content: [
              { ...call, type: "tool-result", output: "A colosseum, out of focus.", isError: true },
            ],
          },
        ],
        tools: [{ name: "look", inputSchema: { type: "object" } }],
        toolChoice: "required",
      },
      { model },
    );
    expect(server.requests[0]?.body).toMatchObject({
      tool_choice: { type: "any" },
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Which city?" },
            { type: "image", source: { media_type: "image/png", data: "iVBORw0KGgo=" } },
          ],
        },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "toolu_1", name: "look", input: { zoom: 2 } }],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "toolu_1", is_error: true }],
        },
      ],
    });
  });

  it("tells what the model can't do, once, and in the words of the request", async () => {
    const { server, sdk } = await anthropic([
      serverSent([messageStart, ...textBlock(0, "Hi."), ...messageEnd("end_turn", 2)]),
    ]);
    await using _ = server;
    await sdk.chat({ prompt: "Hello", seed: 7, temperature: 1.5 }, { model });
    expect(sdk.warnings).toEqual([
      "@ai-sdk/anthropic does not support seed.",
      expect.stringMatching(/^@ai-sdk\/anthropic does not support temperature: .*1/),
    ]);
  });

  it("classifies through a schema of an object, which is all that its API takes", async () => {
    const { server, sdk } = await anthropic([
      serverSent([
        messageStart,
        ...textBlock(0, '{"value":', '"complaint"}'),
        ...messageEnd("end_turn", 9),
      ]),
    ]);
    await using _ = server;
    const { labels } = await sdk.classify(
      { input: "It came late.", labels: ["praise", "complaint"] },
      { model },
    );
    expect(labels).toEqual([
      { label: "praise", score: 0 },
      { label: "complaint", score: 1 },
    ]);
    expect(server.requests[0]?.body).toMatchObject({
      output_config: {
        format: {
          schema: {
            type: "object",
            properties: { value: { type: "string", enum: ["praise", "complaint"] } },
            required: ["value"],
          },
        },
      },
    });
  });

  it("can't embed, and says so", async () => {
    const { server, sdk } = await anthropic([]);
    await using _ = server;
    await expect(sdk.embed({ input: "A" }, { model })).rejects.toMatchObject({
      code: "capability-not-supported",
      message: `@ai-sdk/anthropic can't embed with ${model}.`,
    });
  });

  it.each([
    ["an error in mid-stream", [overloaded], undefined, "overloaded"],
    ["a stream that ends before its answer", [], undefined, "stream-interrupted"],
    ["a connection that is cut", [], "cut", "stream-interrupted"],
  ])("never gives %s as a whole answer", async (_name, rest, ended, code) => {
    const { server, sdk } = await anthropic([
      serverSent(
        [messageStart, ...textBlock(0, "Half an"), ...rest],
        ended === undefined ? {} : { ended },
      ),
    ]);
    await using _ = server;
    const told: string[] = [];
    const reading = (async () => {
      for await (const event of sdk.stream({ prompt: "Hello" }, { model })) told.push(event.type);
    })();
    await expect(reading).rejects.toMatchObject({ code });
    expect(told).toEqual(["text-delta"]);
  });

  it("gives an error that comes at once as that error", async () => {
    const { server, sdk } = await anthropic([serverSent([messageStart, overloaded])]);
    await using _ = server;
    await expect(sdk.chat({ prompt: "Hello" }, { model })).rejects.toMatchObject({
      code: "overloaded",
    });
  });

  it.each([
    [refusal(401, "authentication_error", "invalid x-api-key"), { code: "backend-unauthorized" }],
    [
      refusal(429, "rate_limit_error", "This would exceed your rate limit.", {
        "retry-after": "12",
      }),
      { code: "rate-limited", retryAfterMs: 12_000 },
    ],
    [refusal(529, "overloaded_error", "Overloaded"), { code: "overloaded" }],
    [refusal(404, "not_found_error", "model: claude-nine"), { code: "model-not-found" }],
    [
      refusal(400, "invalid_request_error", "prompt is too long: 201000 tokens > 200000 maximum"),
      { code: "context-length-exceeded" },
    ],
  ])("maps a refusal: %j", async (answer, expected) => {
    const { server, sdk } = await anthropic([answer]);
    await using _ = server;
    const error = await sdk
      .chat({ prompt: "A secret prompt." }, { model })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ ...expected, model });
    expect(error).not.toHaveProperty("cause");
    expect(JSON.stringify(error)).not.toContain("secret prompt");
  });

  it("closes the connection when the caller leaves", async () => {
    const closed = Promise.withResolvers<void>();
    const { server, sdk } = await anthropic([
      (_request, response) => {
        response.on("close", () => closed.resolve());
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const event of [messageStart, ...textBlock(0, "One")].slice(0, -1))
          response.write(`data: ${JSON.stringify(event)}\n\n`);
      },
    ]);
    await using _ = server;
    const leaving = new AbortController();
    const reading = (async () => {
      const events = sdk.stream({ prompt: "Hello" }, { model, signal: leaving.signal });
      for await (const { type } of events) if (type === "text-delta") leaving.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    await closed.promise;
  });
});
