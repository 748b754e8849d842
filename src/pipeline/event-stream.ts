import type { AnyEvent } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { abortError } from "../contract/abort.ts";
import type { Usage } from "../contract/usage.ts";
import type { Call, EndListener, Ending } from "./call.ts";
import { describeError } from "./describe-error.ts";

export interface EventStream extends AsyncIterableIterator<AnyEvent> {
  /** Waits for the first event, so that a failure before it can still be repeated elsewhere. */
  begin(): Promise<void>;
  onEnd(listener: EndListener): void;
}

type Step = IteratorResult<AnyEvent>;

/** A caller who has asked for the next event. */
interface Reader {
  resolve(step: Step): void;
  reject(error: unknown): void;
}

const finished: Step = { done: true, value: undefined };

/**
 * A backend's events on their way to the caller: one at a time, each asked for (so a caller who does not read holds the backend back).
 * It ends exactly once, whatever happens: the last event (`finish`), an error, a deadline (the call's own, with the capability's `cut`
 * where an answer has begun), or a caller who stops reading. What the call holds is released at that moment, even if nobody reads on.
 * Not an async generator: one that was never started does not run its `finally`, and each layer of them costs a turn of the event loop.
 */
export function createEventStream(call: Call, answer: AsyncIterable<AnyEvent>): EventStream {
  const { watch, target, capability, signal, step } = call;
  if (typeof answer?.[Symbol.asyncIterator] !== "function")
    throw invalidResponse(call, `gave no stream of ${capability.name} events`);
  const upstream = answer[Symbol.asyncIterator]();
  const listeners: EndListener[] = [];
  let ending: Ending | undefined;
  let begun = false;
  /** Read ahead by `begin`. */
  let first: Step | undefined;
  /** Why it ended, until the caller has been told. */
  let failure: ModelyardError | undefined;
  let reader: Reader | undefined;

  function end(how: Ending): void {
    ending = how;
    signal.removeEventListener("abort", onAbort);
    for (const listener of listeners) listener(how);
  }

  function fail(thrown: unknown): void {
    if (ending !== undefined) return;
    failure = describeError(thrown, call);
    end({ outcome: failure.code, error: failure });
    stopUpstream(failure);
    if (reader !== undefined) tellEnd(reader);
  }

  function onAbort(): void {
    fail(abortError(signal));
  }

  /** The last thing a caller hears, once it has ended. */
  function tellEnd({ resolve, reject }: Reader): void {
    reader = undefined;
    const error = failure;
    failure = undefined;
    if (error === undefined) resolve(finished);
    else if (begun && error.details?.["limit"] === "call" && isCuttable(capability))
      resolve({ done: false, value: capability.cut("timeout") });
    else reject(error);
  }

  function arrived(next: Step): void {
    if (ending !== undefined) return;
    if (next.done === true) return fail(brokenOff(call, begun));
    if (typeof next.value?.type !== "string")
      return fail(invalidResponse(call, "gave something that is no event"));
    if (!begun && step !== undefined) step.begunMs = call.story.elapsedMs();
    begun = true;
    watch?.arrived(next.value);
    if (next.value.type === "finish") {
      end({ outcome: "done", usage: (next.value as { usage?: Usage }).usage });
      void runToItsEnd();
    }
    reader?.resolve(next);
    reader = undefined;
  }

  /** Lets the handler do what it does after its last event. The caller waits for none of it. */
  async function runToItsEnd(): Promise<void> {
    try {
      const last = await upstream.next();
      if (last.done !== true) stopUpstream(invalidResponse(call, "goes on after its last event"));
    } catch (error) {
      ignored(error);
    }
  }

  function stopUpstream(reason: ModelyardError): void {
    call.abort(reason);
    try {
      Promise.resolve(upstream.return?.()).catch(ignored);
    } catch (error) {
      ignored(error);
    }
  }

  /** The backend's complaint about being stopped is of no interest: the call has ended already. */
  function ignored(error: unknown): void {
    const { message } = toModelyardError(error);
    call.backend.log.debug(`${target.backend}: ${message} (after the end of ${call.id})`);
  }

  function ask(next: Reader): void {
    if (ending !== undefined) return tellEnd(next);
    if (reader !== undefined)
      return next.reject(new ModelyardError("internal", "Events are read one at a time."));
    reader = next;
    watch?.asked();
    try {
      Promise.resolve(upstream.next()).then(arrived, fail);
    } catch (error) {
      fail(error);
    }
  }

  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);

  return {
    next() {
      if (first === undefined) return new Promise((resolve, reject) => ask({ resolve, reject }));
      const begin = first;
      first = undefined;
      return Promise.resolve(begin);
    },
    async begin() {
      first = await this.next();
    },
    async return() {
      first = undefined;
      failure = undefined;
      if (ending === undefined) {
        end({ outcome: "abandoned" });
        stopUpstream(new ModelyardError("cancelled", "The caller stopped reading."));
        reader?.resolve(finished);
        reader = undefined;
      }
      return finished;
    },
    onEnd(listener) {
      if (ending === undefined) listeners.push(listener);
      else listener(ending);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function isCuttable(
  capability: Call["capability"],
): capability is Call["capability"] & { cut(reason: "timeout"): AnyEvent } {
  return capability.event !== undefined && capability.cut !== undefined;
}

function brokenOff({ target }: Call, begun: boolean): ModelyardError {
  return begun
    ? new ModelyardError("stream-interrupted", `${target.backend} stopped in mid-answer.`)
    : new ModelyardError("invalid-response", `${target.backend} ended without an answer.`);
}

function invalidResponse({ target }: Call, what: string): ModelyardError {
  return new ModelyardError("invalid-response", `${target.backend} ${what}.`);
}
