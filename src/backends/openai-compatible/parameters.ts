import type { ParameterTreatments } from "../../contract/backend.ts";

const generation = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter with a server that takes all; one that refuses some by name has them dropped, with a warning. */
export const parameters: ParameterTreatments = {
  chat: {
    messages: "honoured",
    tools: "honoured",
    toolChoice: "honoured",
    responseSchema: "converted",
    ...generation,
  },
  completion: { prompt: "honoured", ...generation },
  embedding: { input: "honoured", dimensions: "honoured", purpose: "warned" },
  classification: { input: "honoured", labels: "honoured", multiLabel: "honoured" },
};
