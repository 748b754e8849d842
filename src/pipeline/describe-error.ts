import {
  isModelyardError,
  placeError,
  toModelyardError,
  type ModelyardError,
} from "../contract/errors.ts";
import { describeUnforeseen } from "../contract/describe-unforeseen.ts";
import { abortError } from "../contract/abort.ts";
import type { Call } from "./call.ts";

/** Says which backend and model an error comes from. What a backend threw without a code is its error; what it threw on being stopped is the reason for the stop. */
export function describeError(thrown: unknown, { target, signal, backend }: Call): ModelyardError {
  if (!isModelyardError(thrown) && !signal.aborted) tellAuthor(thrown, backend);
  const error = backend.secrets.redactError(
    signal.aborted && !isModelyardError(thrown)
      ? abortError(signal)
      : toModelyardError(thrown, isOverflow(thrown) ? "internal" : "backend-error"),
  );
  return placeError(error, target);
}

const told = new WeakMap<Call["backend"], Set<string>>();

/** Who wrote the backend wants to know where it threw; once for each place. */
function tellAuthor(thrown: unknown, backend: Call["backend"]): void {
  const what = describeUnforeseen(thrown);
  const before = told.get(backend) ?? new Set();
  if (what === undefined || before.has(what)) return;
  told.set(backend, before.add(what));
  backend.log.warn(
    `${backend.name} threw ${what}. Throw a ModelyardError, whose code says what may be done about it.`,
  );
}

/** The program's own stack or memory gave out on a request: that says nothing of the target. */
function isOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError;
}
