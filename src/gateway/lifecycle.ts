import type { Backend } from "../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { linkedController, orAborted } from "../contract/abort.ts";
import type { Interest } from "../contract/progress.ts";
import type { Release } from "../pipeline/call.ts";
import type { HandlersAtWork } from "../pipeline/handlers-at-work.ts";
import type { BackendState } from "./api.ts";
import { createSharedWorks } from "../contract/shared-works.ts";
import { late, type Patiently } from "./patience.ts";

/** A backend's life: created, initialising, ready or failed, stopping, stopped. */
export interface Lifecycle {
  readonly state: BackendState;
  /** Why it failed. */
  readonly failure: ModelyardError | undefined;
  /**
   * Initialises it, once however many ask; again after a failure. Until its shutdown begins, for calls under way too. Who is no longer
   * patient leaves it starting, for those who come later.
   * @throws `backend-unavailable`, `timeout` where it takes longer than a minute, or than one is patient
   */
  start(interest: Interest, patiently?: Patiently): Promise<void>;
  /** It can't be started. */
  fail(reason: ModelyardError): void;
  /** Counts a call that is under way, until the release. */
  enter(): Release;
  /** Shuts it down once its calls have ended, or at once when `signal` aborts; what their handlers do last has a moment. Never throws: what a backend says on being shut down is the reason of its last state. */
  stop(signal: AbortSignal): Promise<void>;
}

/** How long a backend may take to start, and to shut down, in milliseconds: one that hangs is given up. */
const startLimitMs = 60_000;
const shutdownLimitMs = 2_000;
/** How long handlers whose calls are over may still take, in milliseconds, for what they do last: to stop a job at their server, for one. */
const handlersLimitMs = 1_500;

export function createLifecycle(
  name: string,
  backend: Pick<Backend, "initialize" | "shutdown">,
  onState: (state: BackendState, reason?: string) => void,
  handlersAtWork?: Pick<HandlersAtWork, "none">,
): Lifecycle {
  let state: BackendState = "created";
  let failure: ModelyardError | undefined;
  let underWay = 0;
  let initialised = false;
  /** Its shutdown has begun: nothing can be asked of it any more. */
  let over = false;
  let stopping: Promise<void> | undefined;
  let hurried = false;
  let onIdle: (() => void) | undefined;
  const starts = createSharedWorks();
  /** Ends a start that is left to itself. */
  const end = new AbortController();

  function become(next: BackendState, reason?: ModelyardError): void {
    state = next;
    failure = reason;
    onState(next, reason?.message);
  }

  function unavailable(what: string): ModelyardError {
    return new ModelyardError("backend-unavailable", `${name} ${what}.`, { backend: name });
  }

  async function initialize({ signal }: Interest): Promise<void> {
    if (stopping === undefined) become("initialising");
    try {
      await limited(
        (within) => backend.initialize?.(within),
        startLimitMs,
        late(name, "start", startLimitMs),
        signal,
      );
      initialised = true;
      if (stopping === undefined) become("ready");
    } catch (error) {
      const reason = toModelyardError(error, "backend-unavailable", { backend: name });
      // Given up by those who waited, it has not failed: the next call tries again.
      if (stopping === undefined) {
        if (signal.aborted) become("created");
        else become("failed", reason);
      }
      throw reason;
    }
  }

  function hurry(): void {
    hurried = true;
    onIdle?.();
  }

  async function shutDown(): Promise<void> {
    become("stopping");
    if (underWay > 0 && !hurried) await new Promise<void>((resolve) => (onIdle = resolve));
    await handlersAtWork?.none(handlersLimitMs);
    over = true;
    end.abort();
    let complaint: ModelyardError | undefined;
    try {
      await limited(
        () => backend.shutdown?.(),
        shutdownLimitMs,
        unavailable(`did not shut down within ${shutdownLimitMs} ms`),
      );
    } catch (error) {
      complaint = toModelyardError(error);
    }
    become("stopped", complaint);
  }

  return {
    get state() {
      return state;
    },
    get failure() {
      return failure;
    },

    async start(interest, patiently = (work) => work) {
      if (over) throw unavailable("is being stopped");
      if (initialised) return;
      try {
        await patiently(starts.join("start", interest, initialize), "start");
      } catch (error) {
        // What became of it then is told to those who come later.
        if (state === "initialising" && !interest.signal.aborted)
          void starts
            .join("start", { signal: end.signal, progress() {} }, initialize)
            .catch(() => {});
        throw error;
      }
    },

    fail: (reason) => become("failed", reason),

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
      if (signal.aborted) hurry();
      else signal.addEventListener("abort", hurry, { once: true });
      try {
        await (stopping ??= shutDown());
      } finally {
        signal.removeEventListener("abort", hurry);
      }
    },
  };
}

/** What `work` gives, unless it takes longer than `limitMs` or `signal` aborts; it is told either way. */
async function limited<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  limitMs: number,
  late: ModelyardError,
  signal: AbortSignal = new AbortController().signal,
): Promise<T> {
  const { controller, unlink } = linkedController(signal);
  const timer = setTimeout(() => controller.abort(late), limitMs);
  try {
    return await orAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    unlink();
  }
}
