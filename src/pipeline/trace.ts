import { toModelyardError, type ErrorCode } from "../contract/errors.ts";
import type { Middleware, Outcome, Target } from "./call.ts";

/** What became of one call. Times are milliseconds since the call began. */
export interface Trace {
  readonly id: string;
  readonly capability: string;
  readonly target: Target;
  readonly stream: boolean;
  readonly outcome: Outcome;
  /** When the answer began to reach the caller; left out where it never did. */
  readonly begunMs?: number;
  readonly endedMs: number;
}

export type TraceListener = (trace: Trace) => void;

/** Tells a listener what became of each call. */
export function trace(listener?: TraceListener): Middleware {
  if (listener === undefined) return (call, next) => next(call);
  return async function trace(call, next) {
    const startedAt = performance.now();
    const { id, target, stream } = call;
    const base = { id, capability: call.capability.name, target, stream };
    const elapsed = () => performance.now() - startedAt;
    try {
      const reply = await next(call);
      const begunMs = elapsed();
      reply.onEnd((outcome) => listener({ ...base, outcome, begunMs, endedMs: elapsed() }));
      return reply;
    } catch (error) {
      const outcome: ErrorCode = toModelyardError(error).code;
      listener({ ...base, outcome, endedMs: elapsed() });
      throw error;
    }
  };
}
