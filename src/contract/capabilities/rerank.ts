import { z } from "zod";
import { defineCapability, deriveFrom, type RequestInput, type ResultOf } from "../capability.ts";
import { nonEmptyText } from "../text.ts";
import { sumUsage, usage } from "../usage.ts";
import { embedding } from "./embedding.ts";

const request = z.strictObject({
  /** What is looked for. */
  query: nonEmptyText,
  /** What to sort: one text or several. */
  documents: z.union([
    nonEmptyText.transform((value) => [value]),
    z
      .array(nonEmptyText)
      .min(1, { error: "Must hold at least one document." })
      .max(1000, { error: "Must hold at most 1,000 documents." }),
  ]),
  /** Only so many of the best; all where left out. */
  topN: z.int().positive().optional(),
  /** Whether each result repeats its document. */
  returnDocuments: z.boolean().optional(),
});

const output = z.object({
  /** In any order; a caller gets the best first. Scores of one model can be compared, those of two can't. */
  results: z.array(
    z.object({
      /** The document's place in the request, from 0. */
      index: z.int(),
      score: z.number(),
      document: z.string().optional(),
    }),
  ),
  usage,
});

/** A query and documents in, the documents that answer it best out. */
export const rerank = defineCapability({
  name: "rerank",
  description: "Sort documents by how well they answer a query.",
  names: { tool: "rerank", route: "/v1/rerank", verb: "rerank" },
  alsoCalled: ["reranking", "reranker", "ranking", "text-ranking", "score"],
  shown: "where served",
  request,
  output,
  misfit({ results }, { documents }) {
    const seen = new Set<number>();
    for (const { index } of results) {
      if (documents[index] === undefined)
        return `a result for document ${index}, of ${documents.length} that are counted from 0`;
      if (seen.has(index)) return `two results for document ${index}`;
      seen.add(index);
    }
    return undefined;
  },
  result: output,
  tool: { arguments: ["query", "documents", "topN"], result: ["results"] },
  text: {
    input: "query",
    ofResult: ({ results }) =>
      results
        .map(({ index, score, document }) =>
          [score.toFixed(4), index, ...(document === undefined ? [] : [document])].join(" "),
        )
        .join("\n"),
  },
  collect: (returned) => ({
    ...returned,
    results: returned.results.toSorted((a, b) => b.score - a.score),
  }),
  derive: [
    deriveFrom(embedding, (handler) => async (asked: RerankRequest, context) => {
      const { query, documents } = asked;
      // Nobody asked for the purpose: that a model has no word for it is nothing to tell.
      const warn = (message: string) => {
        if (!/\bpurpose\b/.test(message)) context.warn(message);
      };
      const embed = (input: string[], purpose: "query" | "document") =>
        handler({ input, purpose }, { ...context, warn });
      const asking = await embed([query], "query");
      const candidates = await embed(documents, "document");
      const [wanted = []] = asking.embeddings;
      const scores = candidates.embeddings.map((vector) => cosine(wanted, vector));
      return {
        results: rankDocuments(scores, asked),
        usage: sumUsage([asking.usage, candidates.usage]),
      };
    }),
  ],
});

/** The results that a request asks for, of the score of each of its documents. */
export function rankDocuments(
  scores: readonly number[],
  { documents, topN = scores.length, returnDocuments = false }: Omit<RerankRequest, "query">,
): RerankOutput["results"] {
  return scores
    .map((score, index) => ({ index, score }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, topN)
    .map(({ index, score }) => ({
      index,
      score,
      ...(returnDocuments ? { document: documents[index] ?? "" } : {}),
    }));
}

/** The cosine of two vectors of length 1, which is their dot product. */
function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

export type RerankInput = RequestInput<typeof rerank>;
export type RerankRequest = z.output<typeof request>;
export type RerankOutput = z.infer<typeof output>;
export type RerankResult = ResultOf<typeof rerank>;
