/** Answers from a list in the configuration: for demonstrations, and for tests of what stands before a model. */
import { defineBackend, ModelyardError, toTextMessages, warnOfIgnored, z } from "modelyard/backend";

export default defineBackend({
  type: "static-answers",
  description: "Answers from a list.",
  config: z.strictObject({
    /** What is asked → what is answered. */
    answers: z.record(z.string(), z.string()).default({ hello: "Hello. How can I help?" }),
    /** Where nothing else fits; `null`: the call fails then. */
    otherwise: z.string().nullable().default("I have no answer to that."),
  }),
  sends: "nothing",
  capabilities: ["chat"],
  create: ({ config: { answers, otherwise } }) => ({
    listModels: async () => [{ name: "list" }],
    capabilities: {
      async *chat({ messages, ...rest }, context) {
        warnOfIgnored(rest, context);
        const asked = toTextMessages(messages).at(-1)?.content.trim().toLowerCase() ?? "";
        const answer = Object.entries(answers).find(([question]) => question === asked)?.[1];
        const text = answer ?? otherwise;
        if (text === null) {
          throw new ModelyardError("invalid-request", "No answer is written down for that.", {
            remedy: "Add one to `answers`, or set `otherwise`.",
          });
        }
        yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});
