import type { CallContext } from "../../../../contract/backend.ts";
import type {
  EmbeddingOutput,
  EmbeddingRequest,
} from "../../../../contract/capabilities/embedding.ts";
import { readJson } from "../../../../contract/http/read-json.ts";
import type { Usage } from "../../../../contract/usage.ts";
import { requireDimensions } from "../../../require-dimensions.ts";
import { computeUsage, sumUsage } from "../compute-usage.ts";
import type { Connection } from "../connection.ts";
import { familyOf } from "../../encoding/embedding-families.ts";
import { splitBatches } from "../split-batches.ts";
import { toVectors } from "./to-vectors.ts";

/** How one kind of server is asked for vectors. */
export interface EmbeddingRoute {
  readonly path: string;
  /** The model's own name, which tells what its texts want in front of them. */
  readonly model: string;
  readonly largestBatch: number;
  body(inputs: readonly string[], dimensions: number | undefined): unknown;
  /** Where an answer keeps its vectors and what it cost; left out: it is nothing but vectors. */
  read?(answer: unknown): { vectors: unknown; usage: Usage };
}

/**
 * Vectors for any number of texts, asked for in batches, one after another: a server that is asked for several at once would only
 * queue them. The prefixes that a family of models wants are put in front here, as where models run in this process.
 */
export async function embed(
  connection: Connection,
  route: EmbeddingRoute,
  { input, dimensions, purpose }: EmbeddingRequest,
  context: CallContext,
): Promise<EmbeddingOutput> {
  const family = familyOf(route.model);
  const prefix = family?.prefixes?.[purpose ?? "neutral"] ?? "";
  if (purpose !== undefined && family === undefined)
    context.warn(
      `What ${route.model} wants in front of a ${purpose} is not known: it is sent as it is.`,
    );
  const texts = input.map((text) => prefix + text);
  const pooling = family?.pooling ?? "mean";
  const embeddings: number[][] = [];
  const usages: Usage[] = [];
  for (const batch of splitBatches(texts, route.largestBatch, (text) => text.length)) {
    const response = await connection.ask(context, route.path, route.body(batch, dimensions));
    const answer = await readJson(response);
    const { vectors, usage } = route.read?.(answer) ?? {
      vectors: answer,
      usage: computeUsage(response),
    };
    embeddings.push(...toVectors(vectors, { count: batch.length, pooling }));
    usages.push(usage);
  }
  requireDimensions(route.model, embeddings, dimensions);
  return { embeddings, usage: sumUsage(usages) };
}
