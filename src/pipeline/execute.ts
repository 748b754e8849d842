import type { CallContext } from "../contract/backend.ts";
import type { AnyEvent } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { abortError, linkedController } from "./abort.ts";
import type { Call, Next, Reply } from "./call.ts";
import { describeError } from "./describe-error.ts";
import { createEventStream, type EventStream } from "./event-stream.ts";

/** Asks the backend. For a caller who streams it settles with the first event, for any other with the whole answer. */
export const execute: Next = async (call) => {
  if (call.signal.aborted) throw abortError(call.signal);
  const { controller, unlink } = linkedController(call.signal);
  const context = createContext(call, controller.signal);
  try {
    if (call.handler === undefined)
      throw new ModelyardError("internal", "The call was not prepared.");
    const answer = call.handler(call.request as never, context);
    if (call.capability.event === undefined) {
      const output = await settledOrAborted(answer as Promise<unknown>, controller.signal);
      unlink();
      return endedReply(call, call.capability.collect(output));
    }
    const events = createEventStream(call, answer as AsyncIterable<AnyEvent>, controller, unlink);
    if (call.stream) {
      await events.begin();
      return { target: call.target, events, onEnd: events.onEnd };
    }
    return endedReply(call, call.capability.collect(await readAll(events)));
  } catch (error) {
    unlink();
    throw describeError(error, call);
  }
};

function createContext(call: Call, signal: AbortSignal): CallContext {
  return {
    model: call.target.model,
    stream: call.stream,
    signal,
    fetch: (input, init) =>
      call.backend.fetch(input, {
        ...init,
        signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal,
      }),
    warn: (message) => {
      if (!call.warnings.includes(message)) call.warnings.push(message);
    },
    progress: (event) => {
      call.watch?.alive();
      call.progress(event);
    },
  };
}

async function readAll(events: EventStream): Promise<AnyEvent[]> {
  const all: AnyEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function endedReply({ target }: Call, result: unknown): Reply {
  return { target, result, onEnd: (listener) => listener("done") };
}

/** A handler that does not heed its signal must not keep the caller waiting. */
function settledOrAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
