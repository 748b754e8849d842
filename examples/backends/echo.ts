/** Says back what it is told, a word at a time. The smallest backend there is: one handler. */
import { defineBackend, textOf, toTextMessages, warnOfIgnored, z } from "modelyard/backend";

export default defineBackend({
  type: "echo-example",
  description: "Says back what it is told.",
  config: z.strictObject({}),
  // Nothing leaves this process, so a prompt may go here under any limit of privacy.
  sends: "nothing",
  capabilities: ["chat"],
  create: () => ({
    listModels: async () => [{ name: "parrot" }],
    capabilities: {
      async *chat({ messages, ...rest }, context) {
        warnOfIgnored(rest, context);
        toTextMessages(messages); // refuses images and tools, which would be lost
        const words = textOf(messages.at(-1)!).split(/(?<=\s)/);
        for (const text of words) yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: { outputTokens: words.length } };
      },
    },
  }),
});
