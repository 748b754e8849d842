import type { ParameterTreatments } from "../../contract/backend.ts";

const generation = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  topK: "honoured",
  frequencyPenalty: "honoured",
  presencePenalty: "honoured",
  logitBias: "honoured",
  // Not beside tools: that loop of the library does not tell.
  logprobs: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter on its way to llama.cpp. */
export const parameters: ParameterTreatments = {
  // Tools and a schema at once are refused.
  chat: {
    ...generation,
    tools: "honoured",
    toolChoice: "honoured",
    parallelToolCalls: "honoured",
    responseSchema: "honoured",
    // A model thinks as its chat template has it.
    reasoningEffort: "warned",
  },
  completion: generation,
  embedding: { dimensions: "refused", purpose: "warned" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};
