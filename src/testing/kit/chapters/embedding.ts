import type { EmbeddingOutput } from "../../../contract/capabilities/embedding.ts";
import type { AnyCapability } from "../../../contract/capability.ts";
import { expect, type Check } from "../check.ts";
import type { Subject } from "../subject.ts";
import { isSame, readyFor } from "../trials.ts";

const texts = ["a cat sleeps", "the train is late today", "ä € 𝄞"];
/** Servers round, and 16-bit numbers are coarse. */
const roundingError = 0.01;

/** What vectors must be, beside numbers. */
export function embeddingChecks(capability: AnyCapability): Check[] {
  return [
    {
      id: "embedding/one-each",
      level: "bronze",
      title: "gives one vector for each text, in their order",
      why: "A search index that holds the vector of another text finds the wrong thing, and nobody notices.",
      remedy:
        "Sort what the server gives by its index, and give as many vectors as there were texts.",
      async run(subject) {
        const { all, one, asked } = await embedder(subject, capability);
        const together = await all(texts);
        expect(
          together.length === texts.length,
          `${texts.length} texts gave ${together.length} vectors.`,
          { asked },
        );
        for (const [at, text] of texts.entries()) {
          const alone = await one(text);
          const isIts = isSame(alone, together[at]) || cosine(alone, together[at]!) > 0.99;
          expect(
            isIts,
            () => {
              const other = together.findIndex((vector) => isSame(alone, vector));
              const whose = other >= 0 ? `: it is that of text ${other + 1}` : "";
              return `The vector of text ${at + 1} of ${texts.length} is not the one that this text has alone${whose}.`;
            },
            { asked },
          );
        }
      },
    },
    {
      id: "embedding/unit-length",
      level: "bronze",
      title: "its vectors have length 1",
      why: "Whoever compares vectors of length 1 may take the product for the cosine, and does.",
      remedy: "Divide each vector by its length (the root of the sum of its squares).",
      async run(subject) {
        const { all, asked } = await embedder(subject, capability);
        for (const vector of await all(texts)) {
          const length = Math.hypot(...vector);
          expect(
            Math.abs(length - 1) <= roundingError,
            () => `A vector has length ${length.toFixed(3)}.`,
            { asked },
          );
        }
      },
    },
    {
      id: "embedding/dimensions",
      level: "bronze",
      title: "all its vectors have the same dimensions",
      why: "An index takes vectors of one size.",
      remedy: "Pool over the text's tokens, so that its length does not show.",
      async run(subject) {
        const { all, asked } = await embedder(subject, capability);
        const sizes = new Set((await all(texts)).map(({ length }) => length));
        expect(
          sizes.size === 1 && !sizes.has(0),
          () => `Vectors of ${[...sizes].join(" and ")} dimensions.`,
          { asked },
        );
      },
    },
    {
      id: "embedding/many",
      level: "gold",
      title: "takes many texts at once",
      why: "Indexing sends hundreds in one request; servers take fewer.",
      remedy: "Send as many requests as the server's limit asks for, and join what they give.",
      async run(subject) {
        const { all, asked } = await embedder(subject, capability);
        const many = Array.from({ length: 300 }, (_, at) => `text ${at}`);
        const { length } = await all(many);
        expect(length === many.length, `${many.length} texts gave ${length} vectors.`, { asked });
      },
    },
  ];
}

async function embedder(subject: Subject, capability: AnyCapability) {
  const { opened, model } = await readyFor(subject, capability);
  const all = async (input: readonly string[]) => {
    const request = subject.request(capability, undefined, { input });
    const { output } = await opened.ask(capability, model, request);
    return (output as EmbeddingOutput).embeddings;
  };
  return {
    all,
    one: async (text: string) => (await all([text]))[0]!,
    asked: opened.handlerOf(capability),
  };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return product / (Math.hypot(...a) * Math.hypot(...b) || 1);
}
