import type { ParameterTreatments } from "../../contract/backend.ts";

const generation = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter on its way to llama.cpp. */
export const parameters: ParameterTreatments = {
  // Tools and a schema at once are refused.
  chat: { ...generation, tools: "honoured", toolChoice: "honoured", responseSchema: "honoured" },
  completion: generation,
  embedding: { dimensions: "refused", purpose: "warned" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};
