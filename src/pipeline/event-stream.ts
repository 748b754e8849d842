import type { AnyEvent } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { abortError } from "./abort.ts";
import type { Call, Outcome } from "./call.ts";
import { describeError } from "./describe-error.ts";

export interface EventStream extends AsyncIterableIterator<AnyEvent> {
  /** Waits for the first event, so that a failure before it can still be repeated elsewhere. */
  begin(): Promise<void>;
  onEnd(listener: (outcome: Outcome) => void): void;
}

const finished: IteratorResult<AnyEvent> = { done: true, value: undefined };

/**
 * A backend's events on their way to the caller: one at a time, each asked for (so a caller who does not read holds the backend back).
 * It ends exactly once, whatever happens: the last event, an error, a deadline (the call's own, with the capability's `cut` where an answer has begun),
 * or a caller who stops reading. What the call holds is released at that moment, even if nobody reads on.
 * Not an async generator: one that was never started does not run its `finally`, and each layer of them costs a turn of the event loop.
 */
export function createEventStream(
  call: Call,
  answer: AsyncIterable<AnyEvent>,
  controller: AbortController,
  unlink: () => void,
): EventStream {
  const upstream = answer[Symbol.asyncIterator]();
  const { watch, target, capability } = call;
  const { signal } = controller;
  const listeners: ((outcome: Outcome) => void)[] = [];
  let outcome: Outcome | undefined;
  let begun = false;
  let last: AnyEvent | undefined;
  /** Read ahead by `begin`. */
  let first: IteratorResult<AnyEvent> | undefined;
  /** Why it ended, until the caller has been told. */
  let failure: ModelyardError | undefined;
  let rejectPending: ((error: unknown) => void) | undefined;

  function onAbort(): void {
    const error = abortError(signal);
    if (rejectPending === undefined) fail(error);
    else rejectPending(error);
  }
  signal.addEventListener("abort", onAbort);

  function end(how: Outcome): void {
    if (outcome !== undefined) return;
    outcome = how;
    signal.removeEventListener("abort", onAbort);
    unlink();
    for (const listener of listeners) listener(how);
  }

  function fail(thrown: unknown): void {
    const error = describeError(thrown, call);
    end(error.code);
    failure = error;
    void stopUpstream(error);
  }

  /** The backend's own complaint about being stopped is of no interest: the call has ended already. */
  async function stopUpstream(reason: unknown): Promise<void> {
    controller.abort(reason);
    try {
      await upstream.return?.();
    } catch (error) {
      call.backend.log.debug(
        `${target.backend}: ${String(error)} while ${call.id} was being stopped`,
      );
    }
  }

  function pull(): Promise<IteratorResult<AnyEvent>> {
    watch?.asked();
    return new Promise<IteratorResult<AnyEvent>>((resolve, reject) => {
      rejectPending = reject;
      upstream.next().then(resolve, reject);
    });
  }

  /** What is left to say once it has ended. */
  function epilogue(): IteratorResult<AnyEvent> {
    if (failure === undefined) return finished;
    const error = failure;
    failure = undefined;
    if (
      error.details?.["limit"] === "call" &&
      begun &&
      capability.event !== undefined &&
      capability.cut !== undefined
    ) {
      return { done: false, value: capability.cut("timeout") };
    }
    throw error;
  }

  async function next(): Promise<IteratorResult<AnyEvent>> {
    if (first !== undefined) {
      const event = first;
      first = undefined;
      return event;
    }
    if (outcome !== undefined) return epilogue();
    try {
      const step = await pull();
      rejectPending = undefined;
      if (step.done !== true && last?.type !== "finish") {
        begun = true;
        last = step.value;
        watch?.arrived(last);
        return step;
      }
      if (last?.type !== "finish") {
        throw new ModelyardError(
          begun ? "stream-interrupted" : "invalid-response",
          `${target.backend} stopped in mid-answer.`,
        );
      }
      if (step.done !== true) void stopUpstream("It goes on after its last event.");
      end("done");
      return finished;
    } catch (error) {
      rejectPending = undefined;
      fail(error);
      return epilogue();
    }
  }

  return {
    next,
    async begin() {
      first = await next();
    },
    async return() {
      first = undefined;
      failure = undefined;
      if (outcome === undefined) {
        end("abandoned");
        void stopUpstream(new ModelyardError("cancelled", "The caller stopped reading."));
      }
      return finished;
    },
    onEnd(listener) {
      if (outcome === undefined) listeners.push(listener);
      else listener(outcome);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
