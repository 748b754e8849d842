/** Says back what it is told, aloud: a plugin in one file, which is named in ../plugins.jsonc. */
import { defineBackend, textOf, warnOfIgnored, z } from "modelyard/backend";

export default defineBackend({
  type: "shout",
  description: "Says back what it is told, aloud.",
  config: z.strictObject({
    /** What stands after it. */
    mark: z.string().default("!"),
  }),
  sends: "nothing",
  capabilities: ["chat"],
  create: ({ config }) => ({
    listModels: async () => [{ name: "parrot" }],
    capabilities: {
      async *chat({ messages, ...rest }, context) {
        warnOfIgnored(rest, context);
        const text = textOf(messages.at(-1)!).toUpperCase() + config.mark;
        yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});
