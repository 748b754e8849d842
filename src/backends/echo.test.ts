import { expect, it } from "vitest";
import {
  declaredTreatments,
  parametersOf,
  treatmentOf,
} from "./__fixtures__/parameter-treatments.ts";
import echo from "./echo.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const setup = { name: "echo", config: {}, fetch, log, unloaded: silent, secret: silent };
const values: Record<string, unknown> = {
  maxTokens: 2,
  temperature: 1,
  topP: 1,
  stop: "x",
  seed: 1,
  topK: 3,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  logitBias: { 5: 1 },
  logprobs: 2,
  parallelToolCalls: false,
  reasoningEffort: "low",
  providerOptions: {},
  tools: [],
  toolChoice: "auto",
  responseSchema: {},
};

it("speaks of every parameter", () => {
  expect(Object.keys(echo.parameters?.chat ?? {}).toSorted()).toEqual(
    parametersOf("chat").toSorted(),
  );
});

it.each(declaredTreatments(echo))("of %s: %s is %s", async (capability, name, treatment) => {
  const request = { prompt: "hi", [name]: values[name] };
  expect(await treatmentOf(echo.create(setup), capability, "any", request)).toBe(treatment);
  expect(await treatmentOf(echo.create(setup), capability, "any", { prompt: "hi" })).toBe(
    "honoured",
  );
});
