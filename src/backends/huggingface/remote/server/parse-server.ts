import type { Server } from "./server.ts";

/** Where a server of Text Embeddings Inference does not say how many texts it takes at once. */
const usualBatch = 32;

/**
 * What `/info` says of a server of Text Embeddings Inference (`model_type`, `max_client_batch_size`) or Text Generation Inference
 * (`max_total_tokens`); undefined where it is something else.
 */
export function parseServer(info: unknown): Server | undefined {
  const fields = fieldsOf(info);
  const { model_id: id, model_type: type } = fields;
  if (typeof id !== "string") return undefined;
  const model = nameOf(id);
  if (
    typeof type === "object" &&
    type !== null &&
    count(fields["max_client_batch_size"]) !== undefined
  )
    return parseTei(model, type as Record<string, unknown>, fields);
  const window = count(fields["max_total_tokens"]);
  if (window === undefined && count(fields["max_concurrent_requests"]) === undefined)
    return undefined;
  return { kind: "tgi", model, contextTokens: window };
}

/** What `/v1/models` lists; undefined where it is no such list. */
export function parseOpenaiModels(list: unknown): Server | undefined {
  const { data } = fieldsOf(list);
  if (!Array.isArray(data)) return undefined;
  const named = data.map(fieldsOf).filter(({ id }) => typeof id === "string");
  const models = named.map((each) => {
    const contextTokens = count(each["max_model_len"]) ?? count(fieldsOf(each["meta"])["n_ctx"]);
    const id = String(each["id"]);
    return {
      id,
      listed: {
        name: nameOf(id),
        capabilities: ["chat", "completion", "embedding"] as const,
        ...(contextTokens === undefined ? {} : { contextTokens }),
      },
    };
  });
  return { kind: "openai", models };
}

function parseTei(
  model: string,
  type: Record<string, unknown>,
  fields: Record<string, unknown>,
): Server {
  const common = {
    kind: "tei" as const,
    model,
    contextTokens: count(fields["max_input_length"]),
    largestBatch: count(fields["max_client_batch_size"]) ?? usualBatch,
  };
  if ("classifier" in type)
    return { ...common, task: "classification", labels: labelsOf(fieldsOf(type["classifier"])) };
  return { ...common, task: "embedding" in type ? "embedding" : "reranking" };
}

function labelsOf({ id2label }: Record<string, unknown>): string[] {
  return Object.entries(fieldsOf(id2label))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, label]) => String(label));
}

/** An endpoint keeps its model in a folder (`/repository`): a name must not begin with a slash. */
function nameOf(id: string): string {
  return id.startsWith("/") ? (id.split("/").findLast((part) => part !== "") ?? id) : id;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}
