// A backend as a package. In JavaScript there is nothing to build; in TypeScript it is built first, as `backend new --package` shows.
import { defineBackend, toTextMessages, warnOfIgnored, z } from "modelyard/backend";

export default defineBackend({
  type: "example",
  description: "Answers with the words of the question, in alphabetical order.",
  config: z.strictObject({ separator: z.string().default(" ") }),
  sends: "nothing",
  capabilities: ["chat"],
  create: ({ config }) => ({
    listModels: async () => [{ name: "sorted" }],
    capabilities: {
      async *chat({ messages, ...rest }, context) {
        warnOfIgnored(rest, context);
        const asked = toTextMessages(messages).at(-1)?.content ?? "";
        const words = asked.split(/\s+/).filter((word) => word !== "");
        for (const word of words.toSorted((a, b) => a.localeCompare(b)))
          yield { type: "text-delta", text: word + config.separator };
        yield { type: "finish", reason: "stop", usage: { outputTokens: words.length } };
      },
    },
  }),
});
