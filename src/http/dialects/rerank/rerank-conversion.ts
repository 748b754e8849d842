import type { RerankResult } from "../../../contract/capabilities/rerank.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import type { Conversion, Origin, WholeAnswer } from "../conversion.ts";
import { isObject, readFlag, readList, readText } from "../invalid-field.ts";
import { readFields, type FieldTable } from "../read-fields.ts";

const rerankFields: FieldTable = {
  model: "read",
  query: "read",
  documents: "read",
  top_n: "read",
  return_documents: "read",
  stream: [false],
  user: "ignored",
  truncation: "ignored",
  max_chunks_per_doc: "ignored",
  max_tokens_per_doc: "ignored",
  truncate_prompt_tokens: "refused",
  rank_fields: "refused",
  providerOptions: "refused",
};

/** `/v1/rerank`, as clients of Jina, Cohere, vLLM and LocalAI expect it. */
export const rerankConversion: Conversion = {
  capability: "rerank",
  fieldNames: { topN: "top_n", returnDocuments: "return_documents" },
  read(body) {
    const warnings = readFields(body, rerankFields);
    const { query, top_n: topN } = body;
    const documents = readList(body["documents"], "documents").map(readDocument);
    // Jina's default, and what vLLM and LocalAI always do.
    const returned = readFlag(body["return_documents"], "return_documents") ?? true;
    return {
      requests: [{ query, documents, ...(topN === undefined || topN === null ? {} : { topN }) }],
      stream: false,
      warnings,
      toAnswer: ([result], origin) =>
        toAnswer(result as RerankResult, origin, returned ? documents : undefined),
      createFrames() {
        throw new ModelyardError("internal", "A ranking is not streamed.");
      },
    };
  },
};

/** A text, or an object that holds it. */
function readDocument(document: unknown, index: number): string {
  const param = `documents[${index}]`;
  return isObject(document)
    ? readText(document["text"], `${param}.text`)
    : readText(document, param);
}

function toAnswer(
  { results, usage: { inputTokens } }: RerankResult,
  { id, backend, model }: Origin,
  documents: readonly string[] | undefined,
): WholeAnswer {
  return {
    warnings: [],
    body: {
      id,
      model: `${backend}/${model}`,
      results: results.map(({ index, score }) => ({
        index,
        relevance_score: score,
        ...(documents === undefined ? {} : { document: { text: documents[index] } }),
      })),
      ...(inputTokens === undefined
        ? {}
        : { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
    },
  };
}
