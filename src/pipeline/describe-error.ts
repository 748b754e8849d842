import {
  isModelyardError,
  placeError,
  toModelyardError,
  type ModelyardError,
} from "../contract/errors.ts";
import { abortError } from "../contract/abort.ts";
import type { Call } from "./call.ts";

/** Says which backend and model an error comes from. What a backend threw without a code is its error; what it threw on being stopped is the reason for the stop. */
export function describeError(thrown: unknown, { target, signal, backend }: Call): ModelyardError {
  const error = backend.secrets.redactError(
    signal.aborted && !isModelyardError(thrown)
      ? abortError(signal)
      : toModelyardError(thrown, isOverflow(thrown) ? "internal" : "backend-error"),
  );
  return placeError(error, target);
}

/** The program's own stack or memory gave out on a request: that says nothing of the target. */
function isOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError;
}
