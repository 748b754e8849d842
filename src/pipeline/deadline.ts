import { ModelyardError } from "../contract/errors.ts";
import { linkedController } from "./abort.ts";
import type { Middleware } from "./call.ts";

/** Ends a call whose `timeoutMs` has passed, whatever it is doing. */
export const deadline: Middleware = async (call, next) => {
  const { timeoutMs } = call;
  if (timeoutMs === undefined) return next(call);
  const { controller, unlink } = linkedController(call.signal);
  const timer = setTimeout(() => {
    controller.abort(
      new ModelyardError("timeout", `The call took longer than its limit of ${timeoutMs} ms.`, {
        ...call.target,
        details: { limit: "call", timeoutMs },
        remedy: "Allow more time (timeoutMs), ask for fewer tokens, or use a smaller model.",
      }),
    );
  }, timeoutMs);
  const end = () => {
    clearTimeout(timer);
    unlink();
  };
  try {
    const reply = await next({ ...call, signal: controller.signal });
    reply.onEnd(end);
    return reply;
  } catch (error) {
    end();
    throw error;
  }
};
