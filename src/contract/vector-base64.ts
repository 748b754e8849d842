import { ModelyardError } from "./errors.ts";

/** Bytes of a number: 32-bit floats, the low byte first, whatever this machine's order is. */
const width = 4;

/** A vector out of base64, as servers send it that save bytes: 32-bit floats, the low byte first. @throws `invalid-response` where it is none */
export function vectorFromBase64(text: string): number[] {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % width !== 0)
    throw new ModelyardError("invalid-response", "What came is no vector in base64.", {
      remedy: "Ask that server for numbers, or check that these are 32-bit floats.",
    });
  return Array.from({ length: bytes.length / width }, (_, at) => bytes.readFloatLE(at * width));
}

/** The same the other way: a vector as base64. */
export function vectorToBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * width);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * width);
  return bytes.toString("base64");
}
