import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tinyModels } from "../../../test/models/tiny-models.ts";
import type { Backend, Capability } from "../../contract/backend.ts";
import {
  declaredTreatments,
  parametersOf,
  treatmentOf,
} from "../__fixtures__/parameter-treatments.ts";
import { config } from "./config.ts";
import definition from "./index.ts";

const silent = () => undefined;
let directory: string;
let backend: Backend;
beforeAll(async () => {
  const models = await tinyModels();
  directory = await mkdtemp(join(tmpdir(), "modelyard-llama-cpp-parameters-"));
  await copyFile(models.toolGguf, join(directory, "tiny-tool.gguf"));
  await copyFile(models.chatGguf, join(directory, "tiny-chat.gguf"));
  await copyFile(models.embedGguf, join(directory, "tiny-embed.gguf"));
  backend = definition.create({
    name: "llama-cpp",
    config: config.parse({ modelsDir: directory, threads: 1, gpu: false }),
    fetch,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    unloaded: silent,
    secret: silent,
  });
});
afterAll(async () => {
  await backend.shutdown?.();
  await rm(directory, { recursive: true, force: true });
});

const tools = [{ name: "get_weather", inputSchema: { type: "object" } }];
const models: Record<string, string> = { embedding: "tiny-embed" };
const subjects: Record<string, object> = {
  chat: { prompt: "Hi" },
  completion: { prompt: "Hi" },
  embedding: { input: "good" },
  classification: { input: "Hi", labels: ["positive", "negative"] },
};
const values: Record<string, object> = {
  maxTokens: { maxTokens: 2 },
  temperature: { temperature: 0.5 },
  topP: { topP: 0.5 },
  stop: { stop: "x" },
  seed: { seed: 1 },
  topK: { topK: 3 },
  frequencyPenalty: { frequencyPenalty: 0.5 },
  presencePenalty: { presencePenalty: 0.5 },
  logitBias: { logitBias: { 5: -100 } },
  logprobs: { logprobs: 2 },
  parallelToolCalls: { parallelToolCalls: false },
  reasoningEffort: { reasoningEffort: "low" },
  providerOptions: { providerOptions: { "llama-cpp": { topK: 3 } } },
  tools: { tools },
  toolChoice: { tools, toolChoice: "none" },
  responseSchema: { responseSchema: { type: "object", properties: {} } },
  dimensions: { dimensions: 3 },
  purpose: { purpose: "query" },
  labels: { labels: ["a", "b"] },
  multiLabel: { multiLabel: true },
};

it("speaks of every parameter of every capability", () => {
  for (const [capability, treatments] of Object.entries(definition.parameters ?? {}))
    expect(Object.keys(treatments).toSorted()).toEqual(
      parametersOf(capability as Capability).toSorted(),
    );
  expect(Object.keys(definition.parameters ?? {})).toEqual(definition.capabilities);
});

it.each(declaredTreatments(definition))("of %s: %s is %s", async (capability, name, treatment) => {
  const model = name.startsWith("tool") ? "tiny-tool" : (models[capability] ?? "tiny-chat");
  const request = { ...subjects[capability], ...values[name] };
  expect(await treatmentOf(backend, capability, model, request)).toBe(treatment);
});
