import { z } from "zod";
import {
  defineCapability,
  type RequestInput,
  type RequestOf,
  type ResultOf,
} from "../capability.ts";
import { nonEmptyText } from "../text.ts";
import { usage } from "../usage.ts";

const request = z.strictObject({
  /** One text or several. */
  input: z.union([
    nonEmptyText.transform((value) => [value]),
    z.array(nonEmptyText).min(1, { error: "Must hold at least one text." }),
  ]),
  /** Shortens the vectors, where the model allows it. */
  dimensions: z.int().positive().optional(),
  /** What the text is for; models that mark queries and documents apart heed it. */
  purpose: z.enum(["query", "document"]).optional(),
});

/** One vector a text, in the order of the input, each of length 1 (L2) and all of the same dimensions. */
const embeddings = z.array(z.array(z.number()));

const output = z.object({ embeddings, usage });

/** Texts in, vectors out. */
export const embedding = defineCapability({
  name: "embedding",
  description: "Turn texts into vectors.",
  names: { tool: "embed", route: "/v1/embeddings", verb: "embed" },
  alsoCalled: ["embeddings", "feature-extraction", "text-embedding", "vectors"],
  request,
  output,
  misfit({ embeddings: { length } }, { input }) {
    if (length === input.length) return undefined;
    return `${length} ${length === 1 ? "vector" : "vectors"} for ${input.length} ${input.length === 1 ? "text" : "texts"}`;
  },
  result: output.extend({ dimensions: z.int() }),
  tool: { arguments: ["input"] },
  text: {
    input: "input",
    ofResult: ({ embeddings: vectors, dimensions }) =>
      `${vectors.length} ${vectors.length === 1 ? "vector" : "vectors"} of ${dimensions} dimensions`,
  },
  collect: (returned) => ({ ...returned, dimensions: returned.embeddings[0]?.length ?? 0 }),
});

export type EmbeddingInput = RequestInput<typeof embedding>;
export type EmbeddingRequest = RequestOf<typeof embedding>;
export type EmbeddingOutput = z.infer<typeof output>;
export type EmbeddingResult = ResultOf<typeof embedding>;
