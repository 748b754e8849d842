import type { EmbeddingResult } from "../../../contract/capabilities/embedding.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { vectorToBase64 } from "../../../contract/vector-base64.ts";
import type { Conversion, Origin, WholeAnswer } from "../conversion.ts";
import { invalidField } from "../invalid-field.ts";
import { readFields, type FieldTable } from "../read-fields.ts";

const embeddingFields: FieldTable = {
  model: "read",
  input: "read",
  dimensions: "read",
  encoding_format: "read",
  purpose: "read",
  stream: [false],
  user: "ignored",
  providerOptions: "refused",
};

/** `/v1/embeddings`. */
export const embeddingConversion: Conversion = {
  capability: "embedding",
  fieldNames: {},
  read(body) {
    const warnings = readFields(body, embeddingFields);
    const format = body["encoding_format"] ?? "float";
    if (format !== "float" && format !== "base64")
      throw invalidField("encoding_format", 'Must be "float" or "base64".');
    const { dimensions, purpose } = body;
    return {
      requests: [
        {
          input: readInput(body["input"]),
          ...(dimensions === undefined || dimensions === null ? {} : { dimensions }),
          ...(purpose === undefined || purpose === null ? {} : { purpose }),
        },
      ],
      stream: false,
      warnings,
      toAnswer: ([result], origin) => toAnswer(result as EmbeddingResult, origin, format),
      createFrames() {
        throw new ModelyardError("internal", "Embeddings are not streamed.");
      },
    };
  },
};

function readInput(input: unknown): unknown {
  const first: unknown = Array.isArray(input) ? input[0] : input;
  if (typeof first !== "number" && !Array.isArray(first)) return input;
  throw invalidField(
    "input",
    "Token numbers are not supported.",
    "Send texts (LangChain in Python: check_embedding_ctx_length=False).",
  );
}

function toAnswer(
  { embeddings, usage: { inputTokens } }: EmbeddingResult,
  { backend, model }: Origin,
  format: "float" | "base64",
): WholeAnswer {
  const data = embeddings.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: format === "base64" ? vectorToBase64(vector) : vector,
  }));
  const usage =
    inputTokens === undefined
      ? undefined
      : { prompt_tokens: inputTokens, total_tokens: inputTokens };
  return { warnings: [], body: { object: "list", data, model: `${backend}/${model}`, usage } };
}
