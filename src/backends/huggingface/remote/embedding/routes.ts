import { toUsage } from "../../../openai-compatible/convert/to-usage.ts";
import type { EmbeddingServer } from "../server/server.ts";
import type { EmbeddingRoute } from "./embed.ts";

/** Neither Inference Providers nor the toolkit say how many texts they take at once. */
const usualBatch = 32;

/** Text Embeddings Inference: too long a text is an error, whatever the server does by default. */
export function teiRoute({ model, largestBatch }: EmbeddingServer): EmbeddingRoute {
  return {
    path: "/embed",
    model,
    largestBatch,
    body: (inputs, dimensions) => ({ inputs, normalize: true, truncate: false, dimensions }),
  };
}

/** The pipeline of a model at Inference Providers. */
export function routerRoute(model: string): EmbeddingRoute {
  return {
    path: `${providerPath(model)}/pipeline/feature-extraction`,
    model,
    largestBatch: usualBatch,
    body: (inputs, dimensions) => ({ inputs, normalize: true, truncate: false, dimensions }),
  };
}

/** The one pipeline of the Inference Toolkit, which cuts what is too long. */
export function toolkitRoute(model: string): EmbeddingRoute {
  return {
    path: "/",
    model,
    largestBatch: usualBatch,
    body: (inputs) => ({ inputs }),
  };
}

/** `/v1/embeddings`, for what speaks as OpenAI does. */
export function openaiRoute(model: string): EmbeddingRoute {
  return {
    path: "/v1/embeddings",
    model,
    largestBatch: usualBatch,
    body: (input, dimensions) => ({ model, input, encoding_format: "float", dimensions }),
    read(answer) {
      const { data, usage } = (answer ?? {}) as { data?: unknown; usage?: unknown };
      const items = (Array.isArray(data) ? data : []) as { index?: number; embedding?: unknown }[];
      const sorted = items.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
      return { vectors: sorted.map(({ embedding }) => embedding), usage: toUsage(usage) };
    },
  };
}

/** Where Inference Providers keep the pipelines of a model; a provider in its name is for chat. */
export function providerPath(model: string): string {
  const [bare = model] = model.split(":");
  return `/hf-inference/models/${bare.split("/").map(encodeURIComponent).join("/")}`;
}
