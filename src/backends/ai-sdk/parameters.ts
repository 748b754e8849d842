import type { ParameterTreatments } from "../../contract/backend.ts";

/**
 * What becomes of each parameter on its way to the provider. From there on it is the provider's: what a model of its own can't do, it
 * warns of, and the caller hears of it.
 */
export const parameters: ParameterTreatments = {
  chat: {
    tools: "honoured",
    toolChoice: "honoured",
    responseSchema: "honoured",
    maxTokens: "honoured",
    temperature: "honoured",
    topP: "honoured",
    stop: "honoured",
    seed: "honoured",
    topK: "honoured",
    frequencyPenalty: "honoured",
    presencePenalty: "honoured",
    // These are no words of the SDK's.
    logitBias: "warned",
    logprobs: "refused",
    parallelToolCalls: "converted",
    reasoningEffort: "honoured",
    providerOptions: "honoured",
  },
  embedding: { dimensions: "honoured", purpose: "warned" },
};
