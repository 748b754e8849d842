import type { ParameterTreatments } from "../../contract/backend.ts";

const common = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  topK: "honoured",
  providerOptions: "honoured",
} as const;

const generation = {
  ...common,
  frequencyPenalty: "warned",
  presencePenalty: "warned",
  logitBias: "warned",
  logprobs: "refused",
} as const;

/** What becomes of each parameter where models run here, in either runtime. */
export const parameters: ParameterTreatments = {
  chat: {
    ...generation,
    tools: "refused",
    toolChoice: "refused",
    // Nothing is called, so nothing is called at once.
    parallelToolCalls: "honoured",
    responseSchema: "refused",
    reasoningEffort: "warned",
  },
  completion: generation,
  // Dimensions are refused by models that were not trained for fewer.
  embedding: { dimensions: "honoured", purpose: "honoured" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};

const remoteGeneration = {
  ...common,
  frequencyPenalty: "honoured",
  presencePenalty: "honoured",
  logitBias: "honoured",
  logprobs: "honoured",
} as const;

/** And where they run elsewhere, with a model that can do what is asked: as OpenAI's API has it, but for what the model's family tells. */
export const remoteParameters: ParameterTreatments = {
  chat: {
    ...remoteGeneration,
    tools: "honoured",
    toolChoice: "honoured",
    parallelToolCalls: "honoured",
    responseSchema: "converted",
    reasoningEffort: "honoured",
  },
  completion: remoteGeneration,
  embedding: { dimensions: "honoured", purpose: "honoured" },
  classification: { labels: "honoured", multiLabel: "honoured" },
  rerank: { topN: "honoured", returnDocuments: "honoured" },
};
