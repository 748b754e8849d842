import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { textOf } from "../contract/capabilities/chat.ts";

/** Says back what it is told, a word at a time: for trying things out without a model. */
export default defineBackend({
  type: "echo",
  description: "Says back what it is told.",
  config: z.strictObject({}),
  sends: "nothing",
  capabilities: ["chat"],
  create: () => ({
    capabilities: {
      async *chat({ messages }) {
        const words = textOf(messages.at(-1)!).split(/(?<=\s)/);
        for (const text of words) yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: { outputTokens: words.length } };
      },
    },
  }),
});
