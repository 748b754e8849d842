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
  /** Takes no more in, waits for those that are in, and after `drainMs` ends what is left. Asked once more it waits no longer than this. */
  close(drainMs: number): Promise<void>;
}

export function createCallsUnderWay(): CallsUnderWay {
  const controllers = createMembers<AbortController>();
  let closed = false;
  const waiting = new Set<() => void>();

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
          if (controllers.size === 0) waiting.forEach((end) => end());
        },
      };
    },

    async close(drainMs) {
      closed = true;
      if (controllers.size > 0 && drainMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, drainMs);
          waiting.add(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      for (const controller of controllers.list()) controller.abort(shuttingDown(cutMessage));
      waiting.forEach((end) => end());
    },
  };
}
