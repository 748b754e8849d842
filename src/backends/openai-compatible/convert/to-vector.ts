import { ModelyardError } from "../../../contract/errors.ts";
import { count, field, list } from "./fields.ts";

/** The vectors of an answer, in the order of what was asked, each of length 1. @throws `invalid-response` */
export function toVectors(answer: object, inputs: number, model: string): number[][] {
  const data = list(field(answer, "data") ?? answer);
  if (data.length !== inputs)
    throw invalid(`${model} gave ${data.length} vectors for ${inputs} texts.`);
  return data
    .map((entry, at) => ({ entry, index: count(field(entry, "index")) ?? at }))
    .toSorted((one, other) => one.index - other.index)
    .map(({ entry }) => normalise(toVector(field(entry, "embedding") ?? entry, model)));
}

function toVector(value: unknown, model: string): Float32Array | readonly number[] {
  if (typeof value === "string") return fromBase64(value, model);
  const vector = list(value);
  if (vector.length > 0 && vector.every((each) => typeof each === "number"))
    return vector as number[];
  // llama.cpp gives a list of vectors, one a token, where nothing pools them.
  if (vector.some(Array.isArray) && vector.length === 1) return toVector(vector[0], model);
  throw invalid(`What ${model} gave is no vector of numbers.`);
}

/** Little-endian 32-bit floats. */
function fromBase64(value: string, model: string): Float32Array {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === 0 || bytes.length % 4 !== 0)
    throw invalid(`What ${model} gave is no vector in base64.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

function normalise(vector: Float32Array | readonly number[]): number[] {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return Array.from(vector, (value) => (length === 0 ? 0 : value / length));
}

function invalid(message: string): ModelyardError {
  return new ModelyardError("invalid-response", message, {
    remedy: "Check that this is a model for embeddings, and that its server pools what it gives.",
  });
}
