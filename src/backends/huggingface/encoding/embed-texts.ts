import type { LoadedModel } from "../models/load-model.ts";
import type { Runtime } from "../runtime.ts";
import { unable } from "../unable.ts";
import type { EmbeddingRecipe } from "./embedding-recipe.ts";
import { encode } from "./encode.ts";
import { pool } from "./pool.ts";
import { type BatchOutput, runBatches } from "./run-batches.ts";

/** Each text's vector, pooled out of its tokens' as the model's recipe says. */
export const embedTexts: Runtime<LoadedModel>["embed"] = async (
  { model, signal },
  texts,
  prefix,
  { progress },
) => {
  const { task } = model.description;
  if (task.kind !== "embedding") throw unable(model, "make embeddings");
  const { recipe } = task;
  const inputs = texts.map((text) => ({ text: prefix + text }));
  const encodings = await encode(model, inputs, signal);
  const skipped = recipe.poolsPrefix ? 0 : await prefixTokens(model, prefix, signal);
  const vectors: number[][] = [];
  await runBatches(model, encodings, { signal, progress }, (output) => {
    for (const [input, vector] of vectorsOf(model, recipe, output, skipped))
      vectors[input] = vector;
  });
  return { vectors, inputTokens: encodings.reduce((sum, { ids }) => sum + ids.length, 0) };
};

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
