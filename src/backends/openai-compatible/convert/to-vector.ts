import { ModelyardError } from "../../../contract/errors.ts";
import { unitVector } from "../../../contract/unit-vector.ts";
import { vectorFromBase64 } from "../../../contract/vector-base64.ts";
import { count, field, list } from "./fields.ts";

/** The vectors of an answer, in the order of what was asked, each of length 1. @throws `invalid-response` */
export function toVectors(answer: object, inputs: number, model: string): number[][] {
  const data = list(field(answer, "data") ?? answer);
  if (data.length !== inputs)
    throw invalid(`${model} gave ${data.length} vectors for ${inputs} texts.`);
  return data
    .map((entry, at) => ({ entry, index: count(field(entry, "index")) ?? at }))
    .toSorted((one, other) => one.index - other.index)
    .map(({ entry }) => unitVector(toVector(field(entry, "embedding") ?? entry, model)));
}

function toVector(value: unknown, model: string): readonly number[] {
  if (typeof value === "string") return vectorFromBase64(value);
  const vector = list(value);
  if (vector.length > 0 && vector.every((each) => typeof each === "number"))
    return vector as number[];
  // llama.cpp gives a list of vectors, one a token, where nothing pools them.
  if (vector.some(Array.isArray) && vector.length === 1) return toVector(vector[0], model);
  throw invalid(`What ${model} gave is no vector of numbers.`);
}

function invalid(message: string): ModelyardError {
  return new ModelyardError("invalid-response", message, {
    remedy: "Check that this is a model for embeddings, and that its server pools what it gives.",
  });
}
