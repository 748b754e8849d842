import { ModelyardError } from "../contract/errors.ts";
import { linkedController } from "./abort.ts";
import type { Middleware, Watch } from "./call.ts";

/**
 * Ends a try that is too slow to begin (`firstTokenMs`), that falls silent (`idleMs`), or that takes too long in all (`totalMs`).
 * Only time spent waiting for the backend counts: a caller who reads slowly does not make it late.
 */
export const timeout: Middleware = async (call, next) => {
  const { firstTokenMs, idleMs, totalMs } = call.backend.timeouts;
  const { controller, unlink } = linkedController(call.signal);
  const expire = (limitMs: number, what: string) =>
    controller.abort(
      new ModelyardError("timeout", `${call.target.backend} ${what} for ${limitMs} ms.`, {
        ...call.target,
        details: { limit: "try", timeoutMs: limitMs },
        remedy: "Check the backend, or raise its timeouts in the configuration.",
      }),
    );

  const total =
    totalMs === undefined ? undefined : setTimeout(expire, totalMs, totalMs, "has been at work");
  const streams = call.capability.event !== undefined;
  const first =
    streams && firstTokenMs !== undefined
      ? setTimeout(expire, firstTokenMs, firstTokenMs, "gave no answer")
      : undefined;
  let idle: NodeJS.Timeout | undefined;
  let waiting = false;
  let begun = false;
  const watch: Watch = {
    asked() {
      waiting = true;
      idle?.refresh();
    },
    alive() {
      if (!begun) first?.refresh();
    },
    arrived() {
      waiting = false;
      if (begun) return;
      begun = true;
      clearTimeout(first);
      if (idleMs !== undefined)
        idle = setTimeout(() => waiting && expire(idleMs, "has been silent"), idleMs);
    },
  };
  const end = () => {
    clearTimeout(total);
    clearTimeout(first);
    clearTimeout(idle);
    unlink();
  };
  try {
    const reply = await next({ ...call, signal: controller.signal, watch });
    reply.onEnd(end);
    return reply;
  } catch (error) {
    end();
    throw error;
  }
};
