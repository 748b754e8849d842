import { toModelyardError } from "../contract/errors.ts";
import type { Usage } from "../contract/usage.ts";
import type { Call, Ending, Middleware, Outcome, Target } from "./call.ts";
import type { Step } from "./story.ts";

/** What became of one call. Times are milliseconds since it began. It holds no word of what was asked or answered. */
export interface Trace {
  readonly id: string;
  readonly capability: string;
  /** The model as the caller named it; left out where they named none. */
  readonly requested?: string | undefined;
  /** Who answered, or failed last; left out where the call was refused before a target was found. */
  readonly target?: Target;
  /** Its kind of backend: `ollama`. */
  readonly type?: string;
  readonly stream: boolean;
  /** The name of the key that was used. */
  readonly caller?: string | undefined;
  readonly outcome: Outcome;
  /** What went wrong. */
  readonly reason?: string | undefined;
  readonly usage?: Usage | undefined;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** When its first event came; left out where none did. */
  readonly begunMs?: number | undefined;
  readonly endedMs: number;
  /** How often a target was asked. */
  readonly attempts: number;
  readonly steps: readonly Step[];
}

export type TraceListener = (trace: Trace) => void;

/** Tells a listener what became of each call. */
export function trace(listener?: TraceListener): Middleware {
  if (listener === undefined) return (call, next) => next(call);
  return (call, next) =>
    next(call).then(
      (reply) => {
        reply.onEnd((ending) => listener(toTrace(call, reply.target, ending)));
        return reply;
      },
      (thrown: unknown) => {
        const error = toModelyardError(thrown);
        const { backend = call.target.backend, model = call.target.model } = error;
        listener(toTrace(call, { backend, model }, { outcome: error.code, error }));
        throw thrown;
      },
    );
}

function toTrace(
  { id, capability, requested, stream, caller, story, backend, candidates }: Call,
  target: Target,
  { outcome, error, usage }: Ending,
): Trace {
  const begunMs = story.steps.findLast((step) => step.did === "tried")?.begunMs;
  const endedMs = story.elapsedMs();
  const asked = candidates.find((each) => each.backend.name === target.backend)?.backend ?? backend;
  return {
    id,
    capability: capability.name,
    requested,
    target,
    type: asked.type,
    stream,
    caller,
    outcome,
    reason: error?.message,
    usage,
    // The search for the model was a part of it, and came before the pipeline.
    startedAt: Date.now() - Math.round(endedMs),
    begunMs,
    endedMs,
    attempts: story.attempts,
    steps: story.steps,
  };
}
