import type { ParameterTreatments } from "../../contract/backend.ts";

/**
 * What becomes of each parameter on its way to the provider. From there on it is the provider's: what a model of its own can't do, it
 * warns of, and the caller hears of it.
 */
export const parameters: ParameterTreatments = {
  chat: {
    messages: "honoured",
    tools: "honoured",
    toolChoice: "honoured",
    responseSchema: "honoured",
    maxTokens: "honoured",
    temperature: "honoured",
    topP: "honoured",
    stop: "honoured",
    seed: "honoured",
    providerOptions: "honoured",
  },
  embedding: { input: "honoured", dimensions: "honoured", purpose: "warned" },
  classification: { input: "converted", labels: "converted", multiLabel: "converted" },
};
