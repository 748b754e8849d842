import type { Handler } from "../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/usage.ts";
import { field } from "./convert/fields.ts";
import { toUsage, sumUsage } from "./convert/to-usage.ts";
import { toVectors } from "./convert/to-vector.ts";
import { parseAnswer } from "./read-answer.ts";
import type { SendContext } from "./send.ts";
import type { Server } from "./server.ts";

interface Batch {
  readonly inputs: readonly string[];
  readonly dimensions: number | undefined;
  readonly purpose: "query" | "document" | undefined;
}

/** Embeddings, as many at a time as the server takes, joined in the order of the input. */
export function embeddingHandler(server: Server): Handler<"embedding"> {
  /** What this server turned out to take at once. */
  let mostInputs = Infinity;

  async function send({ inputs, dimensions, purpose }: Batch, context: SendContext) {
    const { profile, upstream } = await server.ready(context);
    const { embedding, paths, title } = profile;
    const { model = "" } = context;
    if (paths.embedding === undefined)
      throw new ModelyardError("capability-not-supported", `${title} has no embeddings.`, {
        model,
        remedy: "Use another backend for embeddings.",
      });
    const { encoding, purpose: told } = embedding;
    const body = {
      model,
      input: inputs,
      ...(encoding === undefined ? {} : { encoding_format: encoding }),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(told === undefined ? {} : { [told.field]: told[purpose ?? "document"] }),
    };
    const response = await upstream.post(paths.embedding, body, context);
    const answer = parseAnswer(await response.text(), model);
    const vectors = toVectors(answer, inputs.length, model);
    const found = vectors[0]?.length;
    if (dimensions !== undefined && found !== dimensions) throw otherDimensions(model, found);
    return { vectors, usage: toUsage(field(answer, "usage")) };
  }

  return async function embed({ input, dimensions, purpose }, context) {
    const { profile } = await server.ready(context);
    if (purpose !== undefined && profile.embedding.purpose === undefined)
      context.warn(`purpose was left out: ${profile.title} has no word for it.`);
    const embeddings: number[][] = [];
    const usages: Usage[] = [];
    while (embeddings.length < input.length) {
      const most = Math.min(mostInputs, profile.embedding.maxInputs);
      const inputs = input.slice(embeddings.length, embeddings.length + most);
      try {
        const { vectors, usage } = await send({ inputs, dimensions, purpose }, context);
        for (const vector of vectors) embeddings.push(vector);
        usages.push(usage);
      } catch (error) {
        const limit = batchLimit(error);
        if (limit === undefined || limit >= inputs.length) throw error;
        mostInputs = limit;
      }
    }
    return { embeddings, usage: sumUsage(usages) };
  };
}

/** What a server says that it takes at once, where it refuses more: `batch size 64 > maximum allowed batch size 32`. */
function batchLimit(error: unknown): number | undefined {
  if (!isModelyardError(error) || error.code !== "invalid-request") return undefined;
  const [, limit] =
    /maximum(?: allowed)? batch size (?:of |is )?(\d+)|at most (\d+) (?:inputs|texts|requests)/i
      .exec(error.message)
      ?.filter((group) => group !== undefined) ?? [];
  return limit === undefined || Number(limit) === 0 ? undefined : Number(limit);
}

function otherDimensions(model: string, found: number | undefined): ModelyardError {
  return new ModelyardError(
    "capability-not-supported",
    `${model} gives vectors of ${found ?? 0} dimensions, no others.`,
    { model, remedy: "Leave dimensions out." },
  );
}
