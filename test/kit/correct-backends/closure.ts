import {
  defineBackend,
  softmax,
  textOf,
  unitVector,
  warnOfIgnored,
  z,
} from "../../../src/contract/index.ts";

/** Written as most are: functions in a literal, all four capabilities, nothing sent. */
export default defineBackend({
  type: "closure",
  config: z.strictObject({ greeting: z.string().default("You said:") }),
  sends: "nothing",
  create({ config: { greeting } }) {
    function* words(text: string) {
      for (const word of `${greeting} ${text}`.split(/(?<= )/))
        yield { type: "text-delta" as const, text: word };
    }
    const finish = { type: "finish" as const, reason: "stop" as const, usage: {} };
    return {
      listModels: async () => [{ name: "small", contextTokens: 4_096 }],
      healthCheck: async () => ({ status: "healthy" }),
      capabilities: {
        async *chat({ messages, ...rest }, context) {
          warnOfIgnored(rest, context);
          if (messages.some(({ content }) => content.some(({ type }) => type === "image")))
            context.warn("Images are ignored.");
          yield* words(textOf(messages.at(-1)!));
          yield finish;
        },
        async *completion({ prompt, ...rest }, context) {
          warnOfIgnored(rest, context);
          yield* words(prompt);
          yield finish;
        },
        async embedding({ input, ...rest }, context) {
          warnOfIgnored(rest, context);
          const vectors = input.map((text) => unitVector([text.length, 1, text.codePointAt(0)!]));
          return { embeddings: vectors, usage: {} };
        },
        async classification({ input, labels = ["short", "long"], multiLabel }, context) {
          warnOfIgnored({ multiLabel }, context);
          const scores = softmax(labels.map(({ length }) => -Math.abs(length - input.length) / 10));
          const judged = labels.map((label, at) => ({ label, score: scores[at]! }));
          return { labels: judged, usage: {} };
        },
      },
    };
  },
});
