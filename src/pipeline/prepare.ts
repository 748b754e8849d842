import type { Middleware } from "./call.ts";
import { describeError } from "./describe-error.ts";
import { releaseAtEnd } from "./release-at-end.ts";

/** Has the model ready before the call goes on, and keeps it from being unloaded until the answer has ended. */
export const prepare: Middleware = async (call, next) => {
  const { handler, release } = await ready(call);
  return releaseAtEnd(next({ ...call, handler }), release);
};

async function ready(call: Parameters<Middleware>[0]) {
  try {
    return await call.backend.prepare(call.capability, call.target.model, call, call.privacy);
  } catch (error) {
    throw describeError(error, call);
  }
}
