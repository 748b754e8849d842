import { copyFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contextOf, tinyBackend, type TinyBackend } from "./__fixtures__/tiny-backend.ts";

let tiny: TinyBackend;
beforeAll(async () => {
  tiny = await tinyBackend();
});
afterAll(() => tiny[Symbol.asyncDispose]());

/** Embeds one word with a model. */
function embed(model: string) {
  return tiny.backend.capabilities.embedding!({ input: ["good"] }, contextOf(model));
}

function classify(model: string) {
  return tiny.backend.capabilities.classification!({ input: "good" }, contextOf(model));
}

function weights(folder: string): string {
  return join(folder, "onnx", "model_quantized.onnx");
}

it("lists what is here with what it can do, and what the catalogue offers", async () => {
  const models = (await tiny.backend.listModels?.(new AbortController().signal)) ?? [];
  expect(models.find(({ name }) => name === "test/nli")).toMatchObject({
    capabilities: ["classification"],
    contextTokens: 128,
    installed: true,
  });
  // their classification is derived by the core
  expect(models.find(({ name }) => name === "all-minilm-l6-v2")).toMatchObject({
    capabilities: ["embedding"],
    installed: false,
    licence: "Apache-2.0",
  });
});

it("refuses what a model was not made for", async () => {
  await expect(embed("test/lm")).rejects.toMatchObject({
    code: "capability-not-supported",
    remedy: "Use it for chat, completion, or another model.",
  });
  await expect(classify("test/embed")).rejects.toMatchObject({
    code: "capability-not-supported",
  });
});

it("loads, is computing on several at once, and unloads", async () => {
  const own = tiny.create();
  const context = { signal: new AbortController().signal, progress: () => undefined };
  for (const model of ["test/embed", "test/lm"])
    expect(await own.load?.(model, context)).toEqual({ memoryBytes: expect.any(Number) });
  const request = { input: ["good"] };
  const both = [
    own.capabilities.embedding!(request, contextOf("test/embed")),
    own.capabilities.classification!({ input: "love" }, contextOf("test/sentiment")),
  ];
  await Promise.all(both);
  await own.unload?.("test/embed");
  // a call brings it back
  await own.capabilities.embedding!(request, contextOf("test/embed"));
  await own.shutdown?.();
});

it("ends the calls on a model that is unloaded", async () => {
  const own = tiny.create();
  const answer = own.capabilities.completion!({ prompt: "tick" }, contextOf("test/lm"));
  const events = answer[Symbol.asyncIterator]();
  await events.next();
  const unloaded = own.unload?.("test/lm");
  await expect(events.next()).rejects.toMatchObject({
    code: "cancelled",
    message: "test/lm was unloaded.",
  });
  await unloaded;
  await own.shutdown?.();
});

it("names the nearest model, and how to fetch one", async () => {
  await expect(embed("test/embet")).rejects.toMatchObject({
    code: "model-not-found",
    message: expect.stringContaining('Did you mean "test/embed"'),
  });
  await expect(embed("all-minilm-l6-v2")).rejects.toMatchObject({
    code: "model-not-found",
    remedy: "Fetch it with `modelyard pull all-minilm-l6-v2`.",
  });
  await expect(embed("../../etc")).rejects.toMatchObject({
    code: "model-not-found",
  });
});

it.each<[string, string, (folder: string) => Promise<void>]>([
  ["cut short", "cut short or damaged", (folder) => truncate(weights(folder), 2000)],
  ["garbage", "cut short or damaged", (folder) => writeFile(weights(folder), "no model at all")],
  ["empty", "", (folder) => truncate(weights(folder), 0)],
  ["no tokenizer", "tokenizer.json is missing", (folder) => rm(join(folder, "tokenizer.json"))],
  [
    "half a tokenizer",
    "tokenizer.json is cut short or damaged",
    (folder) => truncate(join(folder, "tokenizer.json"), 300),
  ],
  [
    "half a configuration",
    "config.json is not JSON",
    (folder) => truncate(join(folder, "config.json"), 30),
  ],
])("says what is wrong with files: %s", async (name, message, damage) => {
  const model = `test/${name.replaceAll(" ", "-")}`;
  await damage(await tiny.variant("embed", name.replaceAll(" ", "-")));
  await expect(embed(model)).rejects.toMatchObject({
    code: "storage-failed",
    message: expect.stringContaining(message),
    remedy: expect.stringContaining("Fetch it again"),
  });
  const models = await tiny.backend.listModels?.(new AbortController().signal);
  expect(models?.some((each) => each.name === model)).toBe(true);
});

it("names the forms of the weights that are here", async () => {
  const folder = await tiny.variant("embed", "one-form");
  await copyFile(weights(folder), join(folder, "onnx", "model_int8.onnx"));
  for (const suffix of ["", "_quantized", "_q4"])
    await rm(join(folder, "onnx", `model${suffix}.onnx`));
  const own = tiny.create({ dtype: "fp16" });
  await expect(
    own.capabilities.embedding!({ input: ["good"] }, contextOf("test/one-form")),
  ).rejects.toMatchObject({
    code: "model-not-found",
    remedy: 'Set "dtype" to one that is: int8.',
  });
  expect((await embed("test/one-form")).embeddings).toHaveLength(1);
});
