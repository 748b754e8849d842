import type { Handler } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/usage.ts";
import { requireDimensions } from "../require-dimensions.ts";
import { describeWarning, warnOnce } from "./describe-warning.ts";
import type { ProviderModels } from "./provider-models.ts";
import { toError } from "./to-error.ts";

/** Embedding through a provider's `doEmbed`: as many texts a request as it takes, one request after the other, joined in their order. */
export function embeddingHandler(models: ProviderModels): Handler<"embedding"> {
  const { provider } = models;
  return async ({ input, dimensions, purpose }, { model: name, signal, fetch, warn }) => {
    try {
      const tell = warnOnce(warn);
      const model = await models.embedding(name, fetch);
      const most = (await model.maxEmbeddingsPerCall) ?? Infinity;
      const embeddings: number[][] = [];
      let inputTokens = 0;
      for (const values of batches(input, most)) {
        const answer = await model.doEmbed({
          values,
          ...(dimensions === undefined ? {} : { dimensions }),
          abortSignal: signal,
        });
        for (const each of answer.warnings ?? []) tell(describeWarning(each, provider));
        if (answer.embeddings.length !== values.length) throw miscounted(name);
        embeddings.push(...answer.embeddings.map((vector) => normalized(vector, name)));
        // Where one request was not counted, nobody knows the sum.
        inputTokens += answer.usage?.tokens ?? Number.NaN;
      }
      requireDimensions(name, embeddings, dimensions);
      if (purpose !== undefined)
        tell("The AI SDK has no word for what a text is embedded for: purpose is left out.");
      const usage: Usage = Number.isInteger(inputTokens) ? { inputTokens } : {};
      return { embeddings, usage };
    } catch (thrown) {
      throw toError(thrown, { provider, model: name, signal });
    }
  };
}

function* batches(input: readonly string[], most: number): Generator<string[]> {
  const size = most >= 1 ? most : 1;
  for (let start = 0; start < input.length; start += size) yield input.slice(start, start + size);
}

/** A vector of length 1 (L2); one of nothing but zeros has no direction, and stays. */
function normalized(vector: readonly number[], model: string): number[] {
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length)) {
    throw new ModelyardError("invalid-response", `${model} gave a vector that holds no numbers.`, {
      model,
    });
  }
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function miscounted(model: string): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `${model} gave another number of vectors than it was given texts.`,
    { model },
  );
}
