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
  logprobs: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter with a server that takes all; one that refuses some by name has them dropped, with a warning. */
export const parameters: ParameterTreatments = {
  chat: {
    tools: "honoured",
    toolChoice: "honoured",
    parallelToolCalls: "honoured",
    reasoningEffort: "honoured",
    responseSchema: "converted",
    ...generation,
  },
  completion: generation,
  embedding: { dimensions: "honoured", purpose: "warned" },
  classification: { labels: "honoured", multiLabel: "honoured" },
  rerank: { topN: "honoured", returnDocuments: "honoured" },
};
