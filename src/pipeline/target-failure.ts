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

/** A call's own deadline, a full queue, an open circuit and our own end are limits of ours; what a model is too small for says nothing of whether it works. */
const noFault: ReadonlySet<unknown> = new Set(["call", "queue", "circuit", "ability", "shutdown"]);

/** Whether an error says that the target does not work, as against the request, the caller, or ourselves. */
export function isTargetFailure({ code, details }: ModelyardError): boolean {
  return failures.has(code) && !noFault.has(details?.["limit"]);
}
