import { toModelyardError, type ErrorCode, type SerializedError } from "../contract/errors.ts";

/** Anything thrown, as what can cross the wall. Details that can't be copied are left behind. */
export function serializeError(
  thrown: unknown,
  code: ErrorCode = "backend-error",
): SerializedError {
  const { details, ...error } = toModelyardError(thrown, code).toJSON();
  if (details === undefined) return error;
  try {
    return { ...error, details: structuredClone(details) };
  } catch {
    // A function or a handle among the details: the message says what matters.
    return error;
  }
}
