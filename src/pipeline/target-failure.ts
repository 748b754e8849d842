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

/** Limits of ours: a call's own deadline, a full queue, an open circuit are no fault of the target. */
const ours: ReadonlySet<unknown> = new Set(["call", "queue", "circuit"]);

/** Whether an error says that the target does not work, as against the request, the caller, or ourselves. */
export function isTargetFailure({ code, details }: ModelyardError): boolean {
  return failures.has(code) && !ours.has(details?.["limit"]);
}
