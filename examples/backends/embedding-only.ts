/** A server that makes vectors and nothing else. Classification comes by itself: it is derived from them. */
import { defineBackend, readJson, requestJson, unitVector, z } from "modelyard/backend";

const Vectors = z.object({ vectors: z.array(z.array(z.number())) });

export default defineBackend({
  type: "embedding-only",
  description: "A server that makes vectors.",
  config: z.strictObject({
    baseUrl: z.url(),
    model: z.string().default("vectors"),
    /** How many texts the server takes at once. */
    batch: z.int().positive().default(32),
  }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["embedding"],
  create: ({ config: { baseUrl, model, batch } }) => ({
    listModels: async () => [{ name: model }],
    capabilities: {
      async embedding({ input, dimensions, purpose }, { fetch, warn }) {
        if (dimensions !== undefined)
          warn("dimensions was ignored: they are as the model has them.");
        const prefix = purpose === "query" ? "query: " : "";
        const embeddings: number[][] = [];
        for (let at = 0; at < input.length; at += batch) {
          const texts = input.slice(at, at + batch).map((text) => prefix + text);
          const response = await requestJson(fetch, `${baseUrl}/vectors`, {
            body: { texts },
            model,
          });
          const { vectors } = await readJson(response, Vectors);
          // Ours have length 1, so that their product is their likeness.
          embeddings.push(...vectors.map(unitVector));
        }
        return { embeddings, usage: {} };
      },
    },
  }),
});
