import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Capability } from "../../contract/backend.ts";
import {
  declaredTreatments,
  parametersOf,
  treatmentOf,
} from "../__fixtures__/parameter-treatments.ts";
import {
  contextOf,
  extendJson,
  tinyBackend,
  type TinyBackend,
} from "./__fixtures__/tiny-backend.ts";
import definition from "./index.ts";
import { parameters } from "./parameters.ts";

let tiny: TinyBackend;
beforeAll(async () => {
  tiny = await tinyBackend();
  const folder = await tiny.variant("embed", "shorter");
  await extendJson(join(folder, "config.json"), { is_matryoshka: true });
});
afterAll(() => tiny[Symbol.asyncDispose]());

const models: Record<string, string> = {
  chat: "test/lm",
  completion: "test/lm",
  embedding: "test/shorter",
  classification: "test/nli",
};
const subjects: Record<string, object> = {
  chat: { prompt: "hi", maxTokens: 4 },
  completion: { prompt: "hello", maxTokens: 4 },
  embedding: { input: "good" },
  classification: { input: "vote", labels: ["politics", "sports"] },
};
const values: Record<string, unknown> = {
  maxTokens: 2,
  temperature: 0.5,
  topP: 0.5,
  stop: "x",
  seed: 1,
  topK: 3,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  logitBias: { 5: -100 },
  logprobs: 2,
  parallelToolCalls: false,
  reasoningEffort: "low",
  providerOptions: { huggingface: { topK: 3 } },
  tools: [{ name: "now", inputSchema: { type: "object" } }],
  toolChoice: "required",
  responseSchema: { type: "object" },
  dimensions: 4,
  purpose: "query",
  labels: ["politics", "tech"],
  multiLabel: true,
};

it("speaks of every parameter of every capability", () => {
  expect(definition.parameters).toBe(parameters);
  for (const [capability, treatments] of Object.entries(parameters))
    expect(Object.keys(treatments).toSorted()).toEqual(
      parametersOf(capability as Capability).toSorted(),
    );
});

it.each(declaredTreatments(definition))("of %s: %s is %s", async (capability, name, treatment) => {
  const request = { ...subjects[capability], [name]: values[name] };
  const found = await treatmentOf(tiny.backend, capability, models[capability]!, request);
  expect(found).toBe(treatment);
});

describe("what is honoured", () => {
  it("shows in the answer", async () => {
    const { embedding } = tiny.backend.capabilities;
    const request = { input: ["good"], dimensions: 4 };
    const { embeddings } = await embedding!(request, contextOf("test/shorter"));
    expect(embeddings[0]).toHaveLength(4);
    const { completion } = tiny.backend.capabilities;
    const events = [];
    const asked = { prompt: "tick", maxTokens: 2 };
    for await (const event of completion!(asked, contextOf("test/lm"))) events.push(event);
    expect(events.at(-1)).toMatchObject({ reason: "length", usage: { outputTokens: 2 } });
  });
});
