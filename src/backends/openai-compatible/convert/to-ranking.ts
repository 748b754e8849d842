import type { RerankOutput, RerankRequest } from "../../../contract/capabilities/rerank.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { field, list } from "./fields.ts";
import { toUsage } from "./to-usage.ts";

/**
 * A ranking in the words of Jina and Cohere (`results` of `index` and `relevance_score`), or as SGLang gives it: a bare list of `index` and
 * `score`. Of what a server gives unasked no more is taken than the request wants.
 * @throws ModelyardError `invalid-response` where a score is none, or is of no document
 */
export function toRanking(
  answer: unknown,
  { documents, topN = documents.length, returnDocuments = false }: RerankRequest,
  model: string,
): RerankOutput {
  const given = Array.isArray(answer) ? answer : field(answer, "results");
  if (!Array.isArray(given)) throw noRanking(model, "It holds no results.");
  const results = list(given).map((each) => {
    const index = field(each, "index");
    const score = field(each, "relevance_score") ?? field(each, "score");
    if (typeof index !== "number" || documents[index] === undefined)
      throw noRanking(model, "A result is of no document.");
    if (typeof score !== "number" || !Number.isFinite(score))
      throw noRanking(model, "A result has no score.");
    return { index, score, ...(returnDocuments ? { document: documents[index] } : {}) };
  });
  const wanted = Math.min(topN, documents.length);
  if (results.length < wanted)
    throw noRanking(model, `It ranks ${results.length} of ${wanted} documents.`);
  return {
    results: results.toSorted((a, b) => b.score - a.score).slice(0, topN),
    usage: toUsage(field(answer, "usage")),
  };
}

function noRanking(model: string, why: string): ModelyardError {
  return new ModelyardError("invalid-response", `${model} answered with no ranking. ${why}`, {
    model,
  });
}
