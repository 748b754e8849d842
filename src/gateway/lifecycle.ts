import type { Backend } from "../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import type { Interest, Release } from "../pipeline/call.ts";
import type { BackendState } from "./api.ts";
import { shareWork, type SharedWork } from "./shared-work.ts";

/** A backend's life: created, initialising, ready or failed, stopping, stopped. */
export interface Lifecycle {
  readonly state: BackendState;
  /** Why it failed. */
  readonly failure: ModelyardError | undefined;
  /** Initialises it, once however many ask; again after a failure. @throws `backend-unavailable` */
  start(interest: Interest): Promise<void>;
  /** Counts a call that is under way, until the release. */
  enter(): Release;
  /** Shuts it down once its calls have ended, or at once when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export function createLifecycle(
  name: string,
  backend: Pick<Backend, "initialize" | "shutdown">,
  onState: (state: BackendState, reason?: string) => void,
): Lifecycle {
  let state: BackendState = "created";
  let failure: ModelyardError | undefined;
  let starting: SharedWork<void> | undefined;
  let underWay = 0;
  let onIdle: (() => void) | undefined;

  function become(next: BackendState, reason?: ModelyardError): void {
    state = next;
    failure = reason;
    onState(next, reason?.message);
  }

  async function initialize({ signal }: Interest): Promise<void> {
    become("initialising");
    try {
      await backend.initialize?.(signal);
    } catch (error) {
      const reason = toModelyardError(error, "backend-unavailable", { backend: name });
      become("failed", reason);
      throw reason;
    }
    become("ready");
  }

  return {
    get state() {
      return state;
    },
    get failure() {
      return failure;
    },

    async start(interest) {
      if (state === "ready") return;
      if (state === "stopping" || state === "stopped") {
        throw new ModelyardError("backend-unavailable", `${name} is being stopped.`, {
          backend: name,
        });
      }
      starting ??= shareWork(initialize, () => (starting = undefined));
      await starting.join(interest);
    },

    enter() {
      underWay++;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        if (--underWay === 0) onIdle?.();
      };
    },

    async stop(signal) {
      if (state === "stopped" || state === "stopping") return;
      become("stopping");
      if (underWay > 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      try {
        await backend.shutdown?.();
      } finally {
        become("stopped");
      }
    },
  };
}
