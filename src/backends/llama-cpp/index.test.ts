import { copyFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyModels } from "../../../test/models/tiny-models.ts";
import type { Backend, CallContext } from "../../contract/backend.ts";
import { chat, type ChatEvent, type ChatInput } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import { validate } from "../../contract/validate.ts";
import { config } from "./config.ts";
import definition from "./index.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

let directory: string;
let backend: Backend;

function create(settings: object = {}): Backend {
  return definition.create({
    name: "llama-cpp",
    config: config.parse({ modelsDir: directory, threads: 1, gpu: false, ...settings }),
    fetch,
    log,
    unloaded() {},
    secret() {},
  });
}

function contextOf(model: string, more: Partial<CallContext> = {}): CallContext {
  const signal = new AbortController().signal;
  return { model, signal, stream: true, fetch, warn: silent, progress: silent, ...more };
}

async function ask(
  input: ChatInput,
  model = "tiny-chat",
  more: Partial<CallContext> = {},
  by = backend,
) {
  const events: ChatEvent[] = [];
  const request = validate(chat.request, { temperature: 0, ...input }, { what: "request" });
  for await (const event of by.capabilities.chat!(request, contextOf(model, more)))
    events.push(event);
  return chat.collect(events);
}

beforeAll(async () => {
  const models = await tinyModels();
  directory = await mkdtemp(join(tmpdir(), "modelyard-llama-cpp-"));
  await copyFile(models.chatGguf, join(directory, "tiny-chat.gguf"));
  await copyFile(models.toolGguf, join(directory, "tiny-tool.gguf"));
  await copyFile(models.embedGguf, join(directory, "tiny-embed.gguf"));
  await copyFile(models.chatGguf, join(directory, "short.gguf"));
  await truncate(join(directory, "short.gguf"), 200_000);
  await writeFile(join(directory, "text.gguf"), "This is no model.");
  backend = create();
});

afterAll(async () => {
  await backend.shutdown?.();
  await rm(directory, { recursive: true, force: true });
});

describe("chat", () => {
  it("answers with exact counts", async () => {
    const result = await ask({ prompt: "Hi" });
    expect(result).toMatchObject({ text: "Hello from the tiny test model.", finishReason: "stop" });
    // the token that ends the turn is counted, as llama.cpp's own server does
    expect(result.usage).toMatchObject({ outputTokens: 8 });
    expect(result.usage.inputTokens).toBeGreaterThan(5);
  });

  it("ends at a stop text, which is no part of the answer", async () => {
    expect(await ask({ prompt: "Hi", stop: "tiny" })).toMatchObject({
      text: "Hello from the ",
      finishReason: "stop",
    });
  });

  it("ends after maxTokens", async () => {
    const result = await ask({ prompt: "Hi", maxTokens: 3 });
    expect(result).toMatchObject({
      text: "Hello from the",
      finishReason: "length",
      usage: { outputTokens: 3 },
    });
  });

  it("gives the same answer for the same seed", async () => {
    const input = {
      prompt: "Hi",
      temperature: 2,
      topP: 1,
      seed: 7,
      providerOptions: { "llama-cpp": { topK: 0, minP: 0 } },
    };
    expect((await ask(input)).text).toBe((await ask(input)).text);
  });

  it("holds the answer to a schema", async () => {
    const responseSchema = {
      type: "object",
      properties: { label: { type: "string", enum: ["negative", "positive"] } },
    };
    const result = await ask({ prompt: "Hi", responseSchema });
    expect(JSON.parse(result.text)).toEqual({ label: "positive" });
    expect(result.finishReason).toBe("stop");
  });

  it("continues what the assistant has begun", async () => {
    const messages = [
      { role: "user" as const, content: "Hi" },
      { role: "assistant" as const, content: "Hello from" },
    ];
    expect((await ask({ messages })).text).toBe(" the tiny test model.");
  });

  it("finds a conversation's beginning evaluated", async () => {
    const question = "word ".repeat(200);
    const first = await ask({ prompt: question });
    const messages = [
      { role: "user" as const, content: question },
      { role: "assistant" as const, content: first.text },
      { role: "user" as const, content: "More" },
    ];
    const { usage } = await ask({ messages });
    expect(usage.cachedInputTokens).toBeGreaterThanOrEqual(first.usage.inputTokens ?? Infinity);
  });

  it("keeps conversations apart that run at once, more of them than there are places", async () => {
    const asked = Array.from({ length: 9 }, (_, index) =>
      index % 3 === 0 ? "Once upon" : index % 3 === 1 ? "Tick" : "nothing known",
    );
    const texts = await Promise.all(asked.map((prompt) => complete(prompt, 6)));
    texts.forEach((text, index) => {
      const expected =
        [" a time there was one fox", " tock tick tock tick tock tick", "."][index % 3] ?? "";
      expect(text).toBe(expected);
    });
  });

  it("refuses images", async () => {
    const image = { type: "image" as const, data: "AAAA", mediaType: "image/png" };
    await expect(ask({ messages: [{ role: "user", content: [image] }] })).rejects.toMatchObject({
      code: "capability-not-supported",
    });
  });
});

async function complete(prompt: string, maxTokens: number): Promise<string> {
  let text = "";
  const request = { prompt, maxTokens, temperature: 0 };
  for await (const event of backend.capabilities.completion!(request, contextOf("tiny-chat")))
    if (event.type === "text-delta") text += event.text;
  return text;
}

describe("tools", () => {
  const inputSchema = {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  };
  const tools = [{ name: "get_weather", inputSchema }];

  it("hands a call to the caller", async () => {
    const result = await ask({ prompt: "Weather?", tools }, "tiny-tool");
    expect(result.finishReason).toBe("tool-calls");
    expect(result.toolCalls).toMatchObject([{ toolName: "get_weather", input: { city: "Paris" } }]);
  });

  it("warns where the model's template has no place for tools, and only there", async () => {
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    await ask({ prompt: "Weather?", tools }, "tiny-tool", { warn });
    await ask({ prompt: "Weather?" }, "tiny-chat", { warn });
    await ask({ prompt: "Weather?", tools, toolChoice: "required" }, "tiny-chat", { warn });
    expect(warnings).toEqual([]);
    await ask({ prompt: "Weather?", tools }, "tiny-chat", { warn });
    expect(warnings).toEqual([
      "The chat template of tiny-chat has no place for tools: it may not call them.",
    ]);
  });

  it("calls the one tool that must be called", async () => {
    const both = [{ name: "other", inputSchema: {} }, ...tools];
    const toolChoice = { toolName: "get_weather" };
    const result = await ask({ prompt: "Weather?", tools: both, toolChoice }, "tiny-chat");
    expect(result).toMatchObject({
      finishReason: "tool-calls",
      toolCalls: [{ toolName: "get_weather" }],
    });
    expect(result.toolCalls?.[0]?.input).toHaveProperty("city");
  });

  it("takes a result back", async () => {
    const messages: ChatInput["messages"] = [
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: [
          { type: "tool-call", toolCallId: "a", toolName: "get_weather", input: { city: "Paris" } },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "a", toolName: "get_weather", output: "Sunny" },
        ],
      },
    ];
    expect((await ask({ messages, tools }, "tiny-chat")).finishReason).toBe("stop");
  });
});

describe("limits", () => {
  it("refuses a prompt that does not fit, with the counts", async () => {
    const small = create({ contextSize: 256 });
    const error = await ask({ prompt: "word ".repeat(400) }, "tiny-chat", {}, small).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      code: "context-length-exceeded",
      details: { contextTokens: 256 },
    });
    expect((error as ModelyardError).details?.["promptTokens"]).toBeGreaterThan(400);
    await small.shutdown?.();
  });

  it("refuses ten megabytes at once", async () => {
    await ask({ prompt: "Hi" });
    const began = performance.now();
    await expect(ask({ prompt: "word ".repeat(2_000_000) })).rejects.toMatchObject({
      code: "context-length-exceeded",
    });
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("ends an answer that fills the window as cut by length", async () => {
    const small = create({ contextSize: 256 });
    const events = [];
    const request = { prompt: "Tick", temperature: 0 };
    for await (const event of small.capabilities.completion!(request, contextOf("tiny-chat")))
      events.push(event);
    const finish = events.at(-1);
    expect(finish).toMatchObject({ type: "finish", reason: "length", rawReason: "context-full" });
    expect(finish).toMatchObject({ usage: { inputTokens: 1, outputTokens: 255 } });
    await small.shutdown?.();
  });
});

describe("ending early", () => {
  it("stops within 200 ms of an abort, and frees its place", async () => {
    const controller = new AbortController();
    const reason = new ModelyardError("cancelled", "Enough.");
    const context = contextOf("tiny-chat", { signal: controller.signal });
    let abortedAt = 0;
    const run = async () => {
      for await (const event of backend.capabilities.completion!(
        { prompt: "Tick", temperature: 0 },
        context,
      )) {
        if (event.type === "text-delta" && abortedAt === 0) {
          abortedAt = performance.now();
          controller.abort(reason);
        }
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(200);
    await expect(complete("Once upon", 20)).resolves.toContain("fox");
  });

  it("frees the place of an answer that nobody reads to its end", async () => {
    for (let index = 0; index < 6; index++) {
      for await (const _ of backend.capabilities.completion!(
        { prompt: "Tick" },
        contextOf("tiny-chat"),
      ))
        break;
    }
    await expect(complete("Once upon", 20)).resolves.toContain("fox");
  });

  it("does not wait for a place longer than the caller does", async () => {
    const running = Array.from({ length: 4 }, () =>
      backend.capabilities.completion!({ prompt: "Tick" }, contextOf("tiny-chat"))[
        Symbol.asyncIterator
      ](),
    );
    await Promise.all(running.map((each) => each.next()));
    const seen: Progress[] = [];
    const signal = AbortSignal.timeout(50);
    const progress = (event: Progress) => void seen.push(event);
    await expect(ask({ prompt: "Hi" }, "tiny-chat", { signal, progress })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(seen).toContainEqual({ phase: "queue", position: 1 });
    await Promise.all(running.map((each) => each.return?.()));
  });

  it("ends a running answer when its model is unloaded, then loads it anew", async () => {
    const own = create();
    const iterator = own.capabilities.completion!({ prompt: "Tick" }, contextOf("tiny-chat"))[
      Symbol.asyncIterator
    ]();
    await iterator.next();
    const reading = (async () => {
      while (!(await iterator.next()).done);
    })();
    await Promise.all([
      expect(reading).rejects.toMatchObject({ code: "cancelled" }),
      own.unload?.("tiny-chat"),
    ]);
    expect((await ask({ prompt: "Hi" }, "tiny-chat", {}, own)).text).toContain("tiny");
    await own.shutdown?.();
  });
});

describe("embedding and classification", () => {
  it("gives unit vectors in which like is near like", async () => {
    const input = ["good", "great", "terrible"];
    const { embeddings, usage } = await backend.capabilities.embedding!(
      { input },
      contextOf("tiny-embed"),
    );
    const [good = [], great = [], terrible = []] = embeddings;
    expect(dot(good, good)).toBeCloseTo(1, 5);
    expect(dot(good, great)).toBeGreaterThan(dot(good, terrible));
    expect(usage.inputTokens).toBe(9);
  });

  it("scores labels so that they add up to 1", async () => {
    const labels = ["positive", "negative", "neutral"];
    const result = await backend.capabilities.classification!(
      { input: "good", labels },
      contextOf("tiny-chat"),
    );
    expect(result.labels.map(({ label }) => label)).toEqual(labels);
    expect(result.labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
  });

  it("judges a thousand labels", async () => {
    const labels = Array.from({ length: 1000 }, (_, index) => `label number ${index}`);
    const result = await backend.capabilities.classification!(
      { input: "good", labels, multiLabel: true },
      contextOf("tiny-chat"),
    );
    expect(result.labels).toHaveLength(1000);
    expect(result.labels.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
  });

  it("says that an embedding model can't write", async () => {
    await expect(ask({ prompt: "Hi" }, "tiny-embed")).rejects.toMatchObject({
      code: "capability-not-supported",
    });
  });
});

describe("models", () => {
  it.each([
    ["tiny-cat", "model-not-found", /tiny-chat/],
    ["smollm2:135m", "model-not-found", /not been fetched/],
    ["short", "storage-failed", /damaged: .*cut short/],
    ["text", "storage-failed", /damaged|no GGUF/],
  ])("refuses %s with %s", async (model, code, message) => {
    await expect(ask({ prompt: "Hi" }, model)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("says that there is nothing to delete", async () => {
    await expect(backend.remove?.("smollm2:135m")).rejects.toMatchObject({
      code: "model-not-found",
    });
  });

  it("loads with progress, and says what it takes", async () => {
    const own = create();
    const seen: Progress[] = [];
    const signal = new AbortController().signal;
    const progress = (event: Progress) => void seen.push(event);
    const taken = await own.load?.("tiny-chat", { signal, progress });
    expect(taken?.memoryBytes).toBeGreaterThan(500_000);
    expect(seen.at(-1)).toMatchObject({ phase: "load", model: "tiny-chat", fraction: 1 });
    expect(await own.listModels?.(signal)).toContainEqual(
      expect.objectContaining({ name: "smollm2:135m", installed: false, licence: "Apache-2.0" }),
    );
    await own.shutdown?.();
  });
});

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
