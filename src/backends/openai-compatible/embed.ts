import type { Handler } from "../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { sumUsage, type Usage } from "../../contract/usage.ts";
import { field } from "./convert/fields.ts";
import { toUsage } from "./convert/to-usage.ts";
import { toVectors } from "./convert/to-vector.ts";
import { parseAnswer } from "./read-answer.ts";
import type { Server } from "./server.ts";

/** Embeddings, as many at a time as the server takes, joined in the order of the input. */
export function embeddingHandler(server: Server): Handler<"embedding"> {
  /** What this server turned out to take at once. */
  let mostInputs = Infinity;

  return async function embed({ input, dimensions, purpose }, context) {
    const { model } = context;
    const { embedding, paths, title } = await server.profile(context);
    const { embedding: path } = paths;
    const { encoding, maxInputs, purpose: told } = embedding;
    if (path === undefined)
      throw new ModelyardError("capability-not-supported", `${title} has no embeddings.`, {
        model,
        remedy: "Use another backend for embeddings.",
      });
    if (purpose !== undefined && told === undefined)
      context.warn(`purpose was left out: ${title} has no word for it.`);
    const options = {
      ...(encoding === undefined ? {} : { encoding_format: encoding }),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(told === undefined ? {} : { [told.field]: told[purpose ?? "document"] }),
    };
    const embeddings: number[][] = [];
    const usages: Usage[] = [];
    while (embeddings.length < input.length) {
      const most = Math.min(mostInputs, maxInputs);
      const inputs = input.slice(embeddings.length, embeddings.length + most);
      try {
        const response = await server.post(path, { model, input: inputs, ...options }, context);
        const answer = parseAnswer(await response.text(), model);
        for (const vector of toVectors(answer, inputs.length, model)) embeddings.push(vector);
        const found = embeddings[0]?.length;
        if (dimensions !== undefined && found !== dimensions) throw otherDimensions(model, found);
        usages.push(toUsage(field(answer, "usage")));
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
    { model, remedy: "Leave dimensions out.", details: { param: "dimensions" } },
  );
}
