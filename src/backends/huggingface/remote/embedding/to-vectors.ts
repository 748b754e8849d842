import { ModelyardError } from "../../../../contract/errors.ts";
import { unitVector } from "../../../../contract/unit-vector.ts";

/** How the vectors of a text's tokens become the text's own. */
export type TokenPooling = "mean" | "cls" | "last";

/**
 * One vector a text, of length 1, from what a feature-extraction pipeline gives: `number[]` for a single text, `number[][]`, or the
 * vectors of each text's tokens (`number[][][]`, with lists of one around them in some versions).
 * @throws `invalid-response` for anything else
 */
export function toVectors(
  answer: unknown,
  { count, pooling }: { count: number; pooling: TokenPooling },
): number[][] {
  const given = isFields(answer) && "embeddings" in answer ? answer["embeddings"] : answer;
  const depth = depthOf(given);
  if (depth === 0) throw notVectors();
  const list = given as unknown[];
  // A single text may come without the list of texts around it: bare, or as its tokens.
  const texts = count === 1 && (depth === 1 || (depth === 2 && list.length > 1)) ? [list] : list;
  if (texts.length !== count) throw notVectors(`${texts.length} vectors for ${count} texts`);
  const vectors = texts.map((text) => unitVector(toVector(text, pooling)));
  const dimensions = vectors[0]?.length ?? 0;
  if (vectors.some(({ length }) => length !== dimensions))
    throw notVectors("vectors of different dimensions");
  if (vectors.some((vector) => vector.every((value) => value === 0)))
    throw notVectors("a vector without direction");
  return vectors;
}

function toVector(text: unknown, pooling: TokenPooling): number[] {
  let inner = text;
  while (depthOf(inner) > 2 && (inner as unknown[]).length === 1) [inner] = inner as unknown[];
  const depth = depthOf(inner);
  if (depth === 1) return numbers(inner);
  if (depth !== 2) throw notVectors();
  const tokens = (inner as unknown[]).map(numbers);
  if (pooling === "cls") return tokens[0]!;
  if (pooling === "last") return tokens.at(-1)!;
  return tokens[0]!.map((_, column) =>
    tokens.reduce((sum, token) => sum + (token[column] ?? 0), 0),
  );
}

/** How many lists lie in one another; 0 for what is no list, or holds none of numbers. */
function depthOf(value: unknown): number {
  let depth = 0;
  let inner = value;
  while (Array.isArray(inner)) {
    depth += 1;
    inner = inner[0];
  }
  return typeof inner === "number" ? depth : 0;
}

function numbers(value: unknown): number[] {
  if (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite))
    return value as number[];
  throw notVectors();
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function notVectors(what = "no vectors"): ModelyardError {
  return new ModelyardError("invalid-response", `The answer holds ${what}.`, {
    remedy: "Check that the model is one for embeddings (feature extraction).",
  });
}
