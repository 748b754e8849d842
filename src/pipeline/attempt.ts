import { toModelyardError } from "../contract/errors.ts";
import type { Call, Ending, Middleware } from "./call.ts";
import type { TriedStep } from "./story.ts";
import { isTargetFailure } from "./target-failure.ts";

/** Writes each try into the call's story, and what came of it into the target's record. */
export const attempt: Middleware = async (call, next) => {
  const step = call.story.tried(call.target);
  // What a try before this one warned of is not about this answer.
  if (call.warnings.length > 0) call.warnings.length = 0;
  try {
    const reply = await next({ ...call, step });
    reply.onEnd((ending) => finish(call, step, ending));
    return reply;
  } catch (thrown) {
    const error = toModelyardError(thrown);
    finish(call, step, { outcome: error.code, error });
    throw thrown;
  }
};

function finish({ backend, target, story }: Call, step: TriedStep, ending: Ending): void {
  const { outcome, error } = ending;
  step.endedMs = story.elapsedMs();
  step.outcome = outcome;
  if (error !== undefined) {
    step.reason = error.message;
    backend.failed(error);
    // One that says when to come back is busy, not ill.
    const isBusy = error.code === "rate-limited" && error.retryAfterMs !== undefined;
    if (isTargetFailure(error) && !isBusy) backend.records.failed(target.model, error.code);
  } else if (outcome === "done") {
    backend.records.succeeded(
      target.model,
      (step.begunMs ?? step.endedMs) - step.atMs - (step.queuedMs ?? 0),
    );
  }
}
