import type { Call, Ending, Guard } from "./call.ts";
import type { TriedStep } from "./story.ts";
import { isTargetFailure } from "./target-failure.ts";

/** Writes each try into the call's story, and what came of it into the target's record. */
export const attempt: Guard = (call) => {
  const step = call.story.tried(call.target);
  // What a try before this one warned of is not about this answer.
  if (call.warnings.length > 0) call.warnings.length = 0;
  call.step = step;
  call.onEnd((ending) => finish(call, step, ending));
};

function finish(
  { backend, target, story }: Pick<Call, "backend" | "target" | "story">,
  step: TriedStep,
  ending: Ending,
): void {
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
