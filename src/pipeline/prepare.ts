import type { Guard, Prepared } from "./call.ts";
import { describeError } from "./describe-error.ts";

/** Has the model ready before the call goes on, and keeps it from being unloaded until the answer has ended. */
export const prepare: Guard = (call) => {
  const take = ({ handler, release }: Prepared) => {
    call.handler = handler;
    call.onEnd(release);
  };
  const fail = (error: unknown): never => {
    throw describeError(error, call);
  };
  try {
    const { capability, target, privacy, timeouts } = call;
    const prepared = call.backend.prepare(
      capability,
      target.model,
      call,
      privacy,
      timeouts?.firstTokenMs,
    );
    if (prepared instanceof Promise) return prepared.then(take, fail);
    return take(prepared);
  } catch (error) {
    return fail(error);
  }
};
