import type { Call, Middleware, Prepared } from "./call.ts";
import { describeError } from "./describe-error.ts";
import { releaseAtEnd } from "./release-at-end.ts";

/** Has the model ready before the call goes on, and keeps it from being unloaded until the answer has ended. */
export const prepare: Middleware = (call, next) => {
  const goOn = ({ handler, release }: Prepared) =>
    releaseAtEnd(next({ ...call, handler }), release);
  try {
    const prepared = ready(call);
    return prepared instanceof Promise
      ? prepared.then(goOn, (error: unknown) => Promise.reject(describeError(error, call)))
      : goOn(prepared);
  } catch (error) {
    return Promise.reject(describeError(error, call));
  }
};

function ready(call: Call): Prepared | Promise<Prepared> {
  return call.backend.prepare(call.capability, call.target.model, call, call.privacy);
}
