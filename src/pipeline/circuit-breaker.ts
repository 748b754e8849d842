import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import type { Call, Guard } from "./call.ts";
import type { Admission, Refusal } from "./circuits.ts";
import { nameOf } from "./story.ts";
import { isTargetFailure } from "./target-failure.ts";

/** Leaves a target alone that keeps failing, and lets one call find out whether it is back. */
export const circuitBreaker: Guard = (call) => {
  const circuit = call.backend.circuits.of(call.target.model);
  const admission = circuit.admit(call.candidates.length > 0);
  if ("reason" in admission) {
    call.story.skipped(call.target, admission.reason);
    throw refused(call, admission);
  }
  call.onBegin(admission.begun);
  call.onEnd(({ outcome, error }) => {
    if (outcome === "done") admission.succeeded();
    else learn(admission, error);
  });
};

function learn(admission: Admission, error: unknown): void {
  if (!isModelyardError(error) || !isTargetFailure(error)) admission.forgotten();
  else if (error.retryAfterMs !== undefined) admission.pause(error, error.retryAfterMs);
  // One that serves as much as it may is not broken.
  else if (error.code === "rate-limited") admission.forgotten();
  else admission.failed(error);
}

function refused(
  { target }: Call,
  { reason, retryAfterMs, cause, spared }: Refusal,
): ModelyardError {
  const code = cause?.code === "rate-limited" ? cause.code : "backend-unavailable";
  // Another call met it: what was said there may repeat what that one asked.
  const last = cause === undefined ? "" : ` The last: ${cause.code}.`;
  return new ModelyardError(code, `${nameOf(target)} ${reason}.${last}`, {
    ...target,
    retryAfterMs,
    details: { limit: "circuit", ...(spared ? { spared } : {}) },
    remedy: cause?.remedy ?? "Try again later, or give the alias a further target.",
  });
}
