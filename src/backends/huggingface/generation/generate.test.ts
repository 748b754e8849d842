import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallContext } from "../../../contract/backend.ts";
import { chat, type ChatInput } from "../../../contract/capabilities/chat.ts";
import { completion, type CompletionInput } from "../../../contract/capabilities/completion.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/progress.ts";
import { validate } from "../../../contract/validate.ts";
import { contextOf, tinyBackend, type TinyBackend } from "../__fixtures__/tiny-backend.ts";

let tiny: TinyBackend;
beforeAll(async () => {
  tiny = await tinyBackend();
});
afterAll(() => tiny[Symbol.asyncDispose]());

async function ask(input: ChatInput, more: Partial<CallContext> = {}, model = "test/lm") {
  const request = validate(chat.request, input, { what: "request" });
  const events = [];
  for await (const event of tiny.backend.capabilities.chat!(request, contextOf(model, more)))
    events.push(event);
  return chat.collect(events);
}

async function complete(input: CompletionInput, more: Partial<CallContext> = {}) {
  const request = validate(completion.request, input, { what: "request" });
  const events = [];
  for await (const event of tiny.backend.capabilities.completion!(
    request,
    contextOf("test/lm", more),
  ))
    events.push(event);
  return completion.collect(events);
}

it("answers a chat with exact counts", async () => {
  expect(await ask({ prompt: "hi" })).toEqual({
    text: "Hello from the tiny onnx model.",
    finishReason: "stop",
    // the token that ends the turn is counted
    usage: { inputTokens: 6, outputTokens: 8 },
  });
});

it("continues a text up to maxTokens", async () => {
  const result = await complete({ prompt: "tick", maxTokens: 5 });
  expect(result).toEqual({
    text: " tock tick tock tick tock",
    finishReason: "length",
    usage: { inputTokens: 1, outputTokens: 5 },
  });
});

it("ends at a stop text, which is no part of the answer", async () => {
  expect(await ask({ prompt: "hi", stop: "tiny onnx" })).toMatchObject({
    text: "Hello from the ",
    finishReason: "stop",
    usage: { outputTokens: 5 },
  });
});

it("stops when the window is full, and refuses a prompt that fills it", async () => {
  const long = "tick ".repeat(250);
  expect(await complete({ prompt: long })).toMatchObject({
    finishReason: "length",
    usage: { inputTokens: 250, outputTokens: 6 },
  });
  await expect(complete({ prompt: "tick ".repeat(256) })).rejects.toMatchObject({
    code: "context-length-exceeded",
    message: "The prompt has 256 tokens, and test/lm takes 256.",
  });
});

it("refuses 10 MB at once", async () => {
  const begun = performance.now();
  await expect(ask({ prompt: "tick ".repeat(2_000_000) })).rejects.toMatchObject({
    code: "context-length-exceeded",
  });
  expect(performance.now() - begun).toBeLessThan(1500);
});

it("draws the same with the same seed", async () => {
  const request = { prompt: "tick", temperature: 2, seed: 5, maxTokens: 40 };
  const [first, second] = [await complete(request), await complete(request)];
  expect(first).toEqual(second);
});

it("goes no further than its reader, and stops when it is cancelled", async () => {
  const controller = new AbortController();
  const context = contextOf("test/lm", { signal: controller.signal });
  const answer = tiny.backend.capabilities.completion!({ prompt: "tick" }, context);
  const events = answer[Symbol.asyncIterator]();
  await events.next();
  const reason = new ModelyardError("cancelled", "enough");
  controller.abort(reason);
  await expect(events.next()).rejects.toBe(reason);
});

it("tells how far it has read a long prompt", async () => {
  const told: Progress[] = [];
  await complete({ prompt: "tick ".repeat(200), maxTokens: 1 }, { progress: (e) => told.push(e) });
  expect(told[0]).toEqual({ phase: "prompt", doneTokens: 64, totalTokens: 200 });
  expect(told.at(-1)).toEqual({ phase: "prompt", doneTokens: 200, totalTokens: 200 });
});

it.each<[string, ChatInput]>([
  ["tools", { prompt: "hi", tools: [{ name: "look", inputSchema: {} }] }],
  ["responseSchema", { prompt: "hi", responseSchema: {} }],
  [
    "images",
    {
      messages: [
        { role: "user", content: [{ type: "image", data: "AAAA", mediaType: "image/png" }] },
      ],
    },
  ],
])("refuses %s", async (what, input) => {
  await expect(ask(input)).rejects.toMatchObject({
    code: "capability-not-supported",
    message: `huggingface does not take ${what} (model test/lm).`,
  });
});

it("repeats why a template refuses messages", async () => {
  const folder = await tiny.variant("lm", "strict");
  const template = "{{ raise_exception('System role not supported') }}";
  await writeFile(join(folder, "chat_template.jinja"), template);
  await expect(ask({ prompt: "hi" }, {}, "test/strict")).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining("System role not supported"),
  });
});
