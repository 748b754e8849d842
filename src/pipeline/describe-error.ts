import {
  isModelyardError,
  placeError,
  toModelyardError,
  type ModelyardError,
} from "../contract/errors.ts";
import { describeUnforeseen } from "../contract/describe-unforeseen.ts";
import { abortError } from "../contract/abort.ts";
import { canBeRead } from "../contract/message-of-thrown.ts";
import type { Call } from "./call.ts";
import { tellAuthor } from "./tell-author.ts";

/** Says which backend and model an error comes from. What a backend threw without a code is its error; what it threw on being stopped is the reason for the stop. */
export function describeError(thrown: unknown, { target, signal, backend }: Call): ModelyardError {
  const place = isModelyardError(thrown) || signal.aborted ? undefined : describeUnforeseen(thrown);
  if (place !== undefined) {
    const remedy = "Throw a ModelyardError, whose code says what may be done about it.";
    tellAuthor(backend, `threw ${place}. ${remedy}`);
  }
  const error = backend.secrets.redactError(
    signal.aborted && !isModelyardError(thrown)
      ? abortError(signal)
      : toModelyardError(thrown, isOverflow(thrown) ? "internal" : "backend-error"),
  );
  return placeError(error, target);
}

/** The program's own stack or memory gave out on a request: that says nothing of the target. */
function isOverflow(thrown: unknown): boolean {
  return canBeRead(thrown) && thrown instanceof RangeError;
}
