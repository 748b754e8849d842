import type { ErrorCode, ModelyardError } from "../contract/errors.ts";

/** What tells that the target itself does not work. */
const failures: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "backend-unauthorized",
  "backend-error",
  "backend-unavailable",
  "invalid-response",
  "stream-interrupted",
  "timeout",
  "rate-limited",
  "overloaded",
]);

/** A call's own deadline, a full queue and an open circuit are limits of ours; what a model is too small for says nothing of whether it works. */
const noFault: ReadonlySet<unknown> = new Set(["call", "queue", "circuit", "ability"]);

/** Whether an error says that the target does not work, as against the request, the caller, or ourselves. */
export function isTargetFailure({ code, details }: ModelyardError): boolean {
  return failures.has(code) && !noFault.has(details?.["limit"]);
}
