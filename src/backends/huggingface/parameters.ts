import type { ParameterTreatments } from "../../contract/backend.ts";

const generation = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter where models run here, in either runtime; a server's own rules hold where they run elsewhere. */
export const parameters: ParameterTreatments = {
  chat: { ...generation, tools: "refused", toolChoice: "refused", responseSchema: "refused" },
  completion: generation,
  // Dimensions are refused by models that were not trained for fewer.
  embedding: { dimensions: "honoured", purpose: "honoured" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};
