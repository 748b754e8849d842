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
  logitBias: "warned",
  logprobs: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter on its way to Ollama. */
export const parameters: ParameterTreatments = {
  chat: {
    ...generation,
    tools: "honoured",
    // There is no such thing in its API; `none` leaves the tools out, which is the same.
    toolChoice: "warned",
    responseSchema: "honoured",
    // Nothing in its API says so: of several calls the first is handed on.
    parallelToolCalls: "converted",
    // Most models only think or don't.
    reasoningEffort: "converted",
  },
  completion: generation,
  embedding: { dimensions: "honoured", purpose: "warned" },
};
