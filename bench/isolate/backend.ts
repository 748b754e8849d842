import { z } from "zod";
import { defineBackend } from "../../src/contract/backend.ts";

/** Answers at once, with as many events as it is asked for: what is measured is the way there and back. */
export default defineBackend({
  type: "bench",
  config: z.strictObject({}),
  module: import.meta.url,
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat({ maxTokens = 1 }) {
        for (let event = 0; event < maxTokens; event++) yield { type: "text-delta", text: "word " };
        yield { type: "finish", reason: "stop", usage: { outputTokens: maxTokens } };
      },
      embedding: async () => ({ embeddings: [[0.6, 0.8]], usage: { inputTokens: 1 } }),
    },
  }),
});
