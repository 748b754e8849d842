/** Sorts texts by the words in them: classification without a model. */
import { defineBackend, softmax, z } from "modelyard/backend";

export default defineBackend({
  type: "keyword-classifier",
  description: "Sorts texts by the words in them.",
  config: z.strictObject({
    /** Label → words that speak for it. */
    keywords: z.record(z.string(), z.array(z.string()).min(1)).default({
      complaint: ["broken", "late", "refund", "wrong"],
      praise: ["great", "thanks", "love", "perfect"],
    }),
  }),
  sends: "nothing",
  capabilities: ["classification"],
  create: ({ config: { keywords } }) => ({
    listModels: async () => [{ name: "keywords" }],
    capabilities: {
      async classification({ input, labels = Object.keys(keywords), multiLabel }) {
        const words = new Set(input.toLowerCase().match(/\p{L}+/gu));
        // A label that is not in the list speaks for itself.
        const hits = labels.map(
          (label) =>
            (keywords[label] ?? [label]).filter((word) => words.has(word.toLowerCase())).length,
        );
        const scores =
          multiLabel === true ? hits.map((count) => Math.min(1, count)) : softmax(hits);
        return { labels: labels.map((label, at) => ({ label, score: scores[at]! })), usage: {} };
      },
    },
  }),
});
