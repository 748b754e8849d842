import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import type { Call, Middleware } from "./call.ts";
import type { Circuit, Refusal } from "./circuits.ts";
import { nameOf } from "./story.ts";
import { isTargetFailure } from "./target-failure.ts";

/** Leaves a target alone that keeps failing, and lets one call find out whether it is back. */
export const circuitBreaker: Middleware = async (call, next) => {
  const circuit = call.backend.circuits.of(call.target.model);
  const refusal = circuit.admit(call.candidates.length > 0);
  if (refusal !== undefined) {
    call.story.skipped(call.target, refusal.reason);
    throw refused(call, refusal);
  }
  try {
    const reply = await next(call);
    circuit.begun();
    reply.onEnd(({ outcome, error }) => {
      if (outcome === "done") circuit.succeeded();
      else learn(circuit, error);
    });
    return reply;
  } catch (error) {
    learn(circuit, error);
    throw error;
  }
};

function learn(circuit: Circuit, error: unknown): void {
  if (!isModelyardError(error) || !isTargetFailure(error)) circuit.forgotten();
  else if (error.retryAfterMs !== undefined) circuit.pause(error, error.retryAfterMs);
  // One that serves as much as it may is not broken.
  else if (error.code === "rate-limited") circuit.forgotten();
  else circuit.failed(error);
}

function refused({ target }: Call, { reason, retryAfterMs, cause }: Refusal): ModelyardError {
  const code = cause?.code === "rate-limited" ? cause.code : "backend-unavailable";
  const last = cause === undefined ? "" : ` The last: ${cause.code}: ${cause.message}`;
  return new ModelyardError(code, `${nameOf(target)} ${reason}.${last}`, {
    ...target,
    retryAfterMs,
    details: { limit: "circuit" },
    remedy: cause?.remedy ?? "Try again later, or name a further target for this alias.",
  });
}
