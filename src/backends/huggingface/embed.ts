import type { Handler } from "../../contract/backend.ts";
import type { EmbeddingRequest } from "../../contract/capabilities/embedding.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import type { EmbeddingRecipe } from "./encoding/embedding-recipe.ts";
import { encode } from "./encoding/encode.ts";
import type { LoadedModel } from "./models/load-model.ts";
import { layerNorm, normalise, pool } from "./encoding/pool.ts";
import { runBatches, type BatchOutput } from "./encoding/run-batches.ts";
import { unable } from "./unable.ts";

/** Texts to vectors, as the model's authors make them: its prefixes, its pooling, and length 1. */
export function embeddingHandler(models: LoadedModels<LoadedModel>): Handler<"embedding"> {
  return async (request, context) => {
    const { model, signal, leave } = await models.enter(context.model, context);
    try {
      const { task } = model.description;
      if (task.kind !== "embedding") throw unable(model, "make embeddings");
      const prefix = task.recipe.prefixes[request.purpose ?? "neutral"];
      const texts = request.input.map((text) => ({ text: prefix + text }));
      const encodings = await encode(model, texts, signal);
      const skipped = task.recipe.poolsPrefix ? 0 : await prefixTokens(model, prefix, signal);
      const embeddings: number[][] = [];
      await runBatches(model, encodings, { signal, progress: context.progress }, (output) => {
        for (const [input, vector] of vectorsOf(model, task.recipe, output, skipped))
          embeddings[input] = finish(model, task.recipe, vector, request);
      });
      const inputTokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
      return { embeddings, usage: { inputTokens } };
    } finally {
      leave();
    }
  };
}

/** How many tokens at the beginning do not count where the prefix's don't; the one that ends a text is not the prefix's. */
async function prefixTokens(model: LoadedModel, prefix: string, signal: AbortSignal) {
  if (prefix === "") return 0;
  const [encoding] = await encode(model, [{ text: prefix }], signal);
  return Math.max(0, (encoding?.ids.length ?? 0) - 1);
}

/** Each row's vector, by its input. */
function* vectorsOf(
  model: LoadedModel,
  recipe: EmbeddingRecipe,
  { tensors, rows, paddedLength }: BatchOutput,
  skipped: number,
): Generator<[input: number, vector: number[]]> {
  const whole = tensors["sentence_embedding"];
  const hidden = tensors["last_hidden_state"] ?? tensors["token_embeddings"];
  const given = whole ?? hidden;
  if (given === undefined) {
    throw unable(
      model,
      "make embeddings",
      `its ONNX file gives ${Object.keys(tensors).join(", ")}`,
    );
  }
  const values = given.to("float32").data as Float32Array;
  const dimensions = given.dims.at(-1) ?? 0;
  if (whole !== undefined) {
    for (const { row, input } of rows)
      yield [input, Array.from(values.subarray(row * dimensions, (row + 1) * dimensions))];
    return;
  }
  if (recipe.hasDense)
    throw unable(model, "make embeddings", "its last layer is not in the ONNX file");
  if (recipe.pooling === undefined)
    throw unable(model, "make embeddings", "it pools in a way that is not known here");
  for (const { row, input, length } of rows) {
    const first = row * paddedLength + skipped;
    yield [input, pool(recipe.pooling, { values, dimensions, first, count: length - skipped })];
  }
}

function finish(
  model: LoadedModel,
  recipe: EmbeddingRecipe,
  vector: number[],
  { dimensions }: EmbeddingRequest,
): number[] {
  if (!vector.some((value) => value !== 0) || vector.some(Number.isNaN)) {
    throw new ModelyardError("invalid-response", `${model.name} gave a vector without direction.`, {
      model: model.name,
      remedy: 'Its weights may be too coarse: try another form of them ("dtype").',
    });
  }
  if (dimensions === undefined || dimensions === vector.length) return normalise(vector);
  const fewest = recipe.fewestDimensions;
  if (fewest === undefined) {
    throw new ModelyardError(
      "capability-not-supported",
      `The vectors of ${model.name} can't be shortened: they have ${vector.length} dimensions.`,
      {
        model: model.name,
        remedy: "Leave dimensions out, or use a model trained for shorter vectors.",
      },
    );
  }
  if (dimensions > vector.length || dimensions < fewest) {
    throw new ModelyardError(
      "invalid-request",
      `${model.name} makes vectors of ${fewest} to ${vector.length} dimensions, not of ${dimensions}.`,
      { model: model.name },
    );
  }
  const whole = recipe.layerNormBeforeShortening ? layerNorm(vector) : vector;
  return normalise(whole.slice(0, dimensions));
}
