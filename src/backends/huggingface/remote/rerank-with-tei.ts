import type { CallContext } from "../../../contract/backend.ts";
import {
  rankDocuments,
  type RerankOutput,
  type RerankRequest,
} from "../../../contract/capabilities/rerank.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { readJson } from "../../../contract/http/read-json.ts";
import type { Usage } from "../../../contract/usage.ts";
import { computeUsage, sumUsage } from "./compute-usage.ts";
import type { Connection } from "./connection.ts";
import type { RerankingServer } from "./server/server.ts";
import { splitBatches } from "./split-batches.ts";

/** Through `/rerank` of Text Embeddings Inference, as many documents at a time as it takes. Scores are 0 to 1. */
export async function rerankWithTei(
  connection: Connection,
  server: RerankingServer,
  request: RerankRequest,
  context: CallContext,
): Promise<RerankOutput> {
  const scores: number[] = [];
  const usages: Usage[] = [];
  for (const batch of splitBatches(
    request.documents,
    server.largestBatch,
    ({ length }) => length,
  )) {
    const body = { query: request.query, texts: batch, raw_scores: false, truncate: false };
    const response = await connection.ask(context, "/rerank", body);
    scores.push(...toScores(await readJson(response), batch.length));
    usages.push(computeUsage(response));
  }
  return { results: rankDocuments(scores, request), usage: sumUsage(usages) };
}

/** The scores in the order of the texts: it answers with the best first. */
function toScores(answer: unknown, count: number): number[] {
  const ranks = Array.isArray(answer) ? (answer as { index?: unknown; score?: unknown }[]) : [];
  return Array.from({ length: count }, (_, index) => {
    const score = ranks.find((rank) => rank?.index === index)?.score;
    if (typeof score === "number" && Number.isFinite(score)) return score;
    throw new ModelyardError(
      "invalid-response",
      `The server gave no score for text ${index} of ${count}.`,
    );
  });
}
