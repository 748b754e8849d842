import type { ParameterTreatments } from "../../contract/backend.ts";

const generation = {
  maxTokens: "honoured",
  temperature: "honoured",
  topP: "honoured",
  stop: "honoured",
  seed: "honoured",
  providerOptions: "honoured",
} as const;

/** What becomes of each parameter where models run here, in either runtime. */
export const parameters: ParameterTreatments = {
  chat: { ...generation, tools: "refused", toolChoice: "refused", responseSchema: "refused" },
  completion: generation,
  // Dimensions are refused by models that were not trained for fewer.
  embedding: { dimensions: "honoured", purpose: "honoured" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};

/** And where they run elsewhere, with a model that can do what is asked: as OpenAI's API has it, but for what the model's family tells. */
export const remoteParameters: ParameterTreatments = {
  chat: { ...generation, tools: "honoured", toolChoice: "honoured", responseSchema: "converted" },
  completion: generation,
  embedding: { dimensions: "honoured", purpose: "honoured" },
  classification: { labels: "honoured", multiLabel: "honoured" },
};
