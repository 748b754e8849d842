import { describeUnforeseen } from "./describe-unforeseen.ts";
import { isModelyardError } from "./errors.ts";
import { canBeRead } from "./message-of-thrown.ts";

/** Tells of a promise that failed while nobody waited for it: where, without its message, which may quote a request. */
export function describeStray(thrown: unknown): string {
  return `A promise that nobody waited for failed: ${describeUnforeseen(thrown) ?? nameOf(thrown)}.`;
}

function nameOf(thrown: unknown): string {
  if (isModelyardError(thrown)) return thrown.code;
  return canBeRead(thrown) && thrown instanceof Error ? thrown.name : "no error, as it should be";
}
