import { abortError } from "../contract/abort.ts";
import { createMembers } from "../contract/members.ts";
import { cutMessage, shuttingDown } from "../contract/shutting-down.ts";
import type { FaceCallOptions } from "./api.ts";

/** What the gateway is doing for its callers, so that it can be ended when they give up or the program does. */
export interface CallsUnderWay {
  /** Takes a call in; it aborts with the caller's own signal. `leave` when it has ended. @throws `backend-unavailable` once closing */
  enter(by: Pick<FaceCallOptions, "signal" | "controller">): {
    controller: AbortController;
    leave(): void;
  };
  /** Takes no more in, waits for those that are in, and after `drainMs` ends what is left. */
  close(drainMs: number): Promise<void>;
}

export function createCallsUnderWay(): CallsUnderWay {
  const controllers = createMembers<AbortController>();
  let closed = false;
  let onEmpty: (() => void) | undefined;

  return {
    enter({ signal, controller = new AbortController() }) {
      if (closed) throw shuttingDown("Modelyard is shutting down.");
      // Why it was given up may be known: a key that was revoked is no wish of the caller's.
      const onAbort = () => controller.abort(signal && abortError(signal));
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
      const place = controllers.enter(controller);
      return {
        controller,
        leave() {
          signal?.removeEventListener("abort", onAbort);
          controllers.leave(place);
          if (controllers.size === 0) onEmpty?.();
        },
      };
    },

    async close(drainMs) {
      closed = true;
      if (controllers.size > 0 && drainMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, drainMs);
          onEmpty = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      for (const controller of controllers.list()) controller.abort(shuttingDown(cutMessage));
    },
  };
}
