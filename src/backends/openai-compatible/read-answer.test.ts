import { assert, asyncProperty, integer, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { readAnswer } from "./read-answer.ts";

const chunk = (delta: object, rest: object = {}) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null, ...rest }] })}\n\n`;

const stream = { "content-type": "text/event-stream; charset=utf-8" };

/** A response whose body comes in these parts, and breaks off where it is told to. */
function inParts(
  parts: readonly (string | Uint8Array)[],
  { headers = stream, cut }: { headers?: Record<string, string>; cut?: Error } = {},
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts)
        controller.enqueue(typeof part === "string" ? encoder.encode(part) : part);
      if (cut === undefined) controller.close();
    },
    pull(controller) {
      if (cut !== undefined) controller.error(cut);
    },
  });
  return new Response(body as never, { headers });
}

async function read(
  response: Response,
): Promise<{ events: ChatEvent[]; code?: string; message?: string }> {
  const events: ChatEvent[] = [];
  try {
    for await (const event of readAnswer(response, "m")) events.push(event);
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    return { events, code: error.code, message: error.message };
  }
  return { events };
}

describe("an answer", () => {
  it("is the same however its bytes are split", async () => {
    const whole = [
      ": comment\r\n\r\n",
      chunk({ role: "assistant", content: null }),
      chunk({ reasoning: "Hm – 思う" }),
      chunk({ content: "Grüße, 世界 🌍" }),
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"é"}' } }] }),
      chunk({}, { finish_reason: "tool_calls" }).replaceAll("\n", "\r\n"),
      'data: {"choices":[],\ndata: "usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
      "data: [DONE]\n\n",
    ].join("");
    const bytes = new TextEncoder().encode(whole);
    const { events: expected } = await read(inParts([bytes]));
    expect(expected.map(({ type }) => type)).toEqual([
      "reasoning-delta",
      "text-delta",
      "tool-call",
      "finish",
    ]);
    expect(expected.at(-1)).toMatchObject({ usage: { inputTokens: 3, outputTokens: 2 } });
    await assert(
      asyncProperty(
        uniqueArray(integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }),
        async (places) => {
          const at = [0, ...places.toSorted((a, b) => a - b), bytes.length];
          const parts = at.slice(1).map((end, index) => bytes.slice(at[index], end));
          expect((await read(inParts(parts))).events).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each<[string, string, object]>([
    [
      "usage beside the last choice",
      chunk({ content: "a" }, { finish_reason: "stop" }).replace(
        '{"choices"',
        '{"usage":{"prompt_tokens":1},"choices"',
      ),
      { usage: { inputTokens: 1 } },
    ],
    [
      "Groq's usage",
      `${chunk({ content: "a" }, { finish_reason: "stop" })}data: {"choices":[],"x_groq":{"usage":{"prompt_tokens":1}}}\n\n`,
      { usage: { inputTokens: 1 } },
    ],
    [
      "DeepSeek's cache",
      `${chunk({ content: "a" }, { finish_reason: "stop" })}data: {"usage":{"prompt_tokens":9,"prompt_cache_hit_tokens":4}}\n\n`,
      { usage: { inputTokens: 9, cachedInputTokens: 4 } },
    ],
    [
      "reasoning tokens",
      `${chunk({ content: "a" }, { finish_reason: "stop" })}data: {"usage":{"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":4}}}\n\n`,
      { usage: { outputTokens: 9, reasoningTokens: 4 } },
    ],
    [
      "no finish reason but [DONE]",
      `${chunk({ content: "a" })}data: [DONE]\n\n`,
      { reason: "stop" },
    ],
    [
      "a finish reason but no [DONE]",
      chunk({ content: "a" }, { finish_reason: "length" }),
      { reason: "length" },
    ],
    [
      "no end of the last line",
      chunk({ content: "a" }, { finish_reason: "length" }).trimEnd(),
      { reason: "length" },
    ],
    [
      "a filter",
      chunk({ content: "a" }, { finish_reason: "content_filter" }),
      { reason: "content-filter" },
    ],
    [
      "a reason of its own",
      chunk({ content: "a" }, { finish_reason: "moon" }),
      { reason: "other", rawReason: "moon" },
    ],
    [
      "message instead of delta",
      'data: {"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}\n\n',
      { reason: "stop" },
    ],
    [
      "a list of parts",
      chunk({ content: [{ type: "text", text: "a" }] }, { finish_reason: "stop" }),
      { reason: "stop" },
    ],
    [
      "other choices",
      'data: {"choices":[{"index":1,"delta":{"content":"b"}}]}\n\n' +
        chunk({ content: "a" }, { finish_reason: "stop" }),
      { reason: "stop" },
    ],
  ])("with %s is whole", async (_, body, finish) => {
    const { events, code } = await read(inParts([body]));
    expect(code).toBeUndefined();
    expect(events).toMatchObject([
      { type: "text-delta", text: "a" },
      { type: "finish", ...finish },
    ]);
  });

  it("is whole where its connection breaks after the finish reason, cut where it breaks before", async () => {
    const cut = new ModelyardError("stream-interrupted", "reset");
    const whole = await read(
      inParts([chunk({ content: "a" }, { finish_reason: "stop" })], { cut }),
    );
    expect(whole.events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
    expect(await read(inParts([chunk({ content: "a" })], { cut }))).toMatchObject({
      code: "stream-interrupted",
    });
    const left = new ModelyardError("cancelled", "left");
    expect(
      await read(inParts([chunk({}, { finish_reason: "stop" })], { cut: left })),
    ).toMatchObject({ code: "cancelled" });
  });

  it("loses nothing to what can't be read after its finish reason, and warns of it", async () => {
    const warnings: string[] = [];
    const parts = [
      chunk({ content: "a" }, { finish_reason: "stop" }),
      "data: \0garbage{\n\n",
      `data: ${JSON.stringify({ error: { message: "No usage." } })}\n\n`,
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } })}\n\n`,
    ];
    const events: ChatEvent[] = [];
    for await (const event of readAnswer(inParts(parts), "m", (said) => warnings.push(said)))
      events.push(event);
    expect(events).toMatchObject([
      { type: "text-delta", text: "a" },
      { type: "finish", reason: "stop", usage: { inputTokens: 3, outputTokens: 1 } },
    ]);
    expect(warnings[0]).toBe("m sent something after the end of its answer that was passed over.");
  });

  it("takes an event of 16 MiB", async () => {
    const text = "x".repeat(16 * 1024 * 1024 - 200);
    const { events } = await read(inParts([chunk({ content: text }, { finish_reason: "stop" })]));
    expect(events[0]).toEqual({ type: "text-delta", text });
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      "a web page",
      "<!doctype html><title>Hello</title>",
      { "content-type": "text/html" },
      /is a web page: "<!doctype html>/,
    ],
    [
      "a web page that claims to be a stream",
      "<!doctype html>\n<title>Hello</title>",
      stream,
      /is a web page/,
    ],
    [
      "other JSON",
      '{"hello":"world"}',
      { "content-type": "application/json" },
      /no answer: "\{\\"hello/,
    ],
    ["nothing", "", { "content-type": "application/json" }, /is empty/],
    ["an empty stream", "data: [DONE]\n\n", stream, /empty stream/],
    ["a number", "data: 1\n\n", stream, /no answer/],
    [
      "arguments that are no JSON",
      chunk(
        { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{x" } }] },
        { finish_reason: "tool_calls" },
      ),
      stream,
      /f with arguments that are no JSON/,
    ],
    [
      "a tool call without a name",
      chunk(
        { tool_calls: [{ index: 0, id: "a", function: { arguments: "{}" } }] },
        { finish_reason: "tool_calls" },
      ),
      stream,
      /without naming it/,
    ],
  ])("that is %s is none", async (_, body, headers, message) => {
    const { code, message: found } = await read(inParts([body], { headers }));
    expect(code).toBe("invalid-response");
    expect(found).toMatch(message);
  });

  it.each<[string, string, string]>([
    ["finish reason error", chunk({ content: "a" }, { finish_reason: "error" }), "backend-error"],
    ["finish reason abort", chunk({ content: "a" }, { finish_reason: "abort" }), "backend-error"],
    [
      "an error as text",
      `${chunk({ content: "a" })}data: {"error":"model 'x' not found"}\n\n`,
      "backend-error",
    ],
    [
      "a code as text",
      `${chunk({ content: "a" })}data: {"error":{"message":"slow down","code":"429"}}\n\n`,
      "rate-limited",
    ],
    [
      "TGI's status",
      `data: {"error":{"message":"overloaded","http_status_code":429}}\n\ndata: [DONE]\n\n`,
      "rate-limited",
    ],
    ["FastAPI's detail", `data: {"detail":"Internal Server Error"}\n\n`, "backend-error"],
    [
      "an error that claims to be a stream but is JSON",
      '{"error":{"message":"no such key","code":401}}',
      "backend-unauthorized",
    ],
    ["JSON cut in its midst", 'data: {"choices":[{"delta":{"cont', "stream-interrupted"],
  ])("with %s fails", async (_, body, code) => {
    expect(await read(inParts([body]))).toMatchObject({ code });
  });

  it.each([
    [{ message: "kaboom", code: "42" }, "The backend answered with an error (42): kaboom"],
    [{ message: "kaboom" }, "The backend answered with an error: kaboom"],
  ])("says of the error %j of status 200 what is known, and no more", async (error, message) => {
    expect(await read(inParts([JSON.stringify({ error })]))).toMatchObject({ message });
  });

  it("reads a stream that bears no type, and a type that is in error", async () => {
    const body = chunk({ content: "a" }, { finish_reason: "stop" });
    for (const headers of [{}, { "content-type": "text/plain" }])
      expect((await read(inParts([body], { headers }))).events).toHaveLength(2);
  });

  it("gives tool calls without an id one that no other has", async () => {
    const calls = [0, 1].map((index) => ({ index, function: { name: "f", arguments: "{}" } }));
    const body = chunk({ tool_calls: calls }, { finish_reason: "tool_calls" });
    const answers = [await read(inParts([body])), await read(inParts([body]))];
    const ids = answers.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === "tool-call" ? [event.toolCallId] : [])),
    );
    expect(new Set(ids).size).toBe(4);
  });

  it("leaves out a tool call that the limit cut", async () => {
    const body = chunk(
      {
        content: "a",
        tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }],
      },
      { finish_reason: "length" },
    );
    expect((await read(inParts([body]))).events).toMatchObject([
      { type: "text-delta" },
      { type: "finish", reason: "length" },
    ]);
  });
});
