import { expect, it } from "vitest";
import { chat } from "./capabilities/chat.ts";
import { classification } from "./capabilities/classification.ts";
import { embedding } from "./capabilities/embedding.ts";
import { rerank } from "./capabilities/rerank.ts";
import type { AnyCapability, AnyHandler } from "./capability.ts";
import { checkedHandler } from "./checked-handler.ts";
import { isModelyardError } from "./errors.ts";

const context = {} as never;
const usage = {};

/** All that the handler answers, or the message of the error that it is refused with. */
async function answerOf(
  capability: AnyCapability,
  request: unknown,
  handler: (request: never) => unknown,
): Promise<unknown> {
  try {
    const answer = checkedHandler(capability, handler as AnyHandler)(request as never, context);
    if (answer instanceof Promise) return await answer;
    const events: unknown[] = [];
    for await (const event of answer) events.push(event);
    return events;
  } catch (error) {
    if (!isModelyardError(error) || error.code !== "invalid-response") throw error;
    return error.message;
  }
}

it.each<[string, object, string]>([
  ["a text under another name", { type: "text-delta", content: "hi" }, "text: Missing"],
  ["a text that is none", { type: "text-delta", text: 5 }, "text: Expected string, found number."],
  ["a word for its end that is none", { type: "finish", reason: "eos", usage }, "reason: Expected"],
  [
    "a text where a word belongs",
    { type: "finish", reason: "my secret text", usage },
    'reason: Expected one of "stop", "length", "tool-calls", "content-filter", "timeout", "other", found a text of 14 characters.',
  ],
  ["an end without what it cost", { type: "finish", reason: "stop" }, "usage: Missing"],
  [
    "a cost that is no number",
    { type: "finish", reason: "stop", usage: { outputTokens: "3" } },
    "usage.outputTokens: Expected number, found string.",
  ],
  ["an event of another kind", { type: "token", text: "hi" }, "type: "],
  ["a text alone", "hi" as never, "Expected object, found string."],
])("an event with %s is refused, with the place", async (_, event, place) => {
  const answered = await answerOf(chat, { messages: [] }, async function* () {
    yield event;
  });
  expect(answered).toContain(`Invalid chat event: ${place}`);
});

it("a stream that is written by hand, and is none, is refused", async () => {
  const broken = [undefined, {}, { next: async () => undefined }];
  for (const iterator of broken) {
    const stream = { [Symbol.asyncIterator]: () => iterator };
    const answered = await answerOf(chat, { messages: [] }, () => stream);
    expect(answered).toBe("Its stream gives no { value, done } when it is asked.");
  }
});

it.each<[string, AnyCapability, object, unknown, string]>([
  ["nothing", embedding, { input: ["a"] }, undefined, "Missing: expected object."],
  [
    "too few vectors",
    embedding,
    { input: ["a", "b"] },
    { embeddings: [[1]], usage },
    "1 vector for 2 texts.",
  ],
  [
    "a document that was not asked about",
    rerank,
    { query: "q", documents: ["a", "b"] },
    { results: [{ index: 2, score: 1 }], usage },
    "a result for document 2, of 2 that are counted from 0.",
  ],
  [
    "a document twice",
    rerank,
    { query: "q", documents: ["a", "b"] },
    { results: [1, 1].map((index) => ({ index, score: 1 })), usage },
    "two results for document 1.",
  ],
  [
    "a label less",
    classification,
    { input: "x", labels: ["a", "b"] },
    { labels: [{ label: "a", score: 1 }], usage },
    "no score for label 2 of 2.",
  ],
])("an output with %s is refused", async (_, capability, request, output, problem) => {
  const answered = await answerOf(capability, request, async () => output);
  expect(answered).toBe(`Invalid ${capability.name} output: ${problem}`);
});

it("what is right passes as it is, fields that nobody knows too", async () => {
  const output = { embeddings: [[0.6, 0.8]], usage, cached: true };
  expect(await answerOf(embedding, { input: ["a"] }, async () => output)).toBe(output);
});

it("a handler changes its own copy of the request, and no one else's", async () => {
  const request = { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] };
  const before = structuredClone(request);
  await answerOf(chat, request, async function* (own: typeof request) {
    own.messages[0]!.content[0]!.text = "changed";
    own.messages.length = 0;
    yield { type: "finish", reason: "stop", usage };
  });
  expect(request).toEqual(before);
});

it("who stops reading ends the handler", async () => {
  let ended = false;
  const handler = checkedHandler(chat, async function* () {
    try {
      yield { type: "text-delta", text: "hi" };
    } finally {
      ended = true;
    }
  } as AnyHandler);
  for await (const _ of handler({} as never, context) as AsyncIterable<unknown>) break;
  expect(ended).toBe(true);
});
