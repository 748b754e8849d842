import { z } from "zod";
import { defineBackend } from "../../src/contract/backend.ts";

/** Lists what it is told to, and answers at once. */
export const listing = defineBackend({
  type: "listing",
  config: z.strictObject({ models: z.array(z.string()) }),
  sends: "nothing",
  create: ({ config }) => ({
    capabilities: {
      embedding: async () => ({ embeddings: [[0.6, 0.8]], usage: {} }),
    },
    listModels: async () => config.models.map((name) => ({ name })),
  }),
});

/** So many backends of ten models each, and as many aliases; each backend's entry as `entryOf` writes it. */
export function manyBackends(
  count: number,
  entryOf: (models: readonly string[], index: number) => object,
): { backends: Record<string, object>; models: object[] } {
  const names = Array.from({ length: count }, (_, index) => `backend-${index}`);
  return {
    backends: Object.fromEntries(
      names.map((name, index) => [
        name,
        entryOf(
          Array.from({ length: 10 }, (_, model) => `model-${index}-${model}`),
          index,
        ),
      ]),
    ),
    models: names.map((name, index) => ({
      name: `alias-${index}`,
      targets: [`${name}/model-${index}-0`],
    })),
  };
}
