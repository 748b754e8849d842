import type { Pooling } from "./embedding-recipe.ts";

/** The vectors of a row's tokens, one after another. */
export interface TokenVectors {
  values: Float32Array;
  dimensions: number;
  /** Where the first that counts begins, and how many count. */
  first: number;
  count: number;
}

/** One vector out of those of a row's tokens; its length does not matter yet. */
export function pool(pooling: Pooling, vectors: TokenVectors): number[] {
  const { values, dimensions, first, count } = vectors;
  const at = (token: number) => {
    const start = (first + token) * dimensions;
    return Array.from(values.subarray(start, start + dimensions));
  };
  switch (pooling) {
    case "cls":
      return at(0);
    case "last":
      return at(count - 1);
    case "max":
      return combine(vectors, -Infinity, (best, value) => Math.max(best, value));
    case "mean":
      return combine(vectors, 0, (sum, value) => sum + value);
    case "weighted-mean":
      return combine(vectors, 0, (sum, value, token) => sum + value * (token + 1));
  }
}

function combine(
  { values, dimensions, first, count }: TokenVectors,
  start: number,
  step: (before: number, value: number, token: number) => number,
): number[] {
  const result = Array.from<number>({ length: dimensions }).fill(start);
  for (let token = 0; token < count; token++) {
    const offset = (first + token) * dimensions;
    for (let column = 0; column < dimensions; column++)
      result[column] = step(result[column]!, values[offset + column]!, token);
  }
  return result;
}

/** The vector with mean 0 and variance 1. */
export function layerNorm(vector: readonly number[]): number[] {
  const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const variance = vector.reduce((sum, value) => sum + (value - mean) ** 2, 0) / vector.length;
  const deviation = Math.sqrt(variance + 1e-5);
  return vector.map((value) => (value - mean) / deviation);
}
