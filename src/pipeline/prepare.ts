import type { Middleware } from "./call.ts";

/** Has the model ready before the call goes on, and keeps it from being unloaded until the answer has ended. */
export const prepare: Middleware = async (call, next) => {
  const { handler, release } = await call.backend.prepare(call.capability, call.target.model, call);
  try {
    const reply = await next({ ...call, handler });
    reply.onEnd(release);
    return reply;
  } catch (error) {
    release();
    throw error;
  }
};
