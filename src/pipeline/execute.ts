import type { CallContext } from "../contract/backend.ts";
import type { AnyEvent } from "../contract/capability.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import { abortError, orAborted } from "../contract/abort.ts";
import { fetchOfCall, type LimitedContext } from "../contract/http/fetch-of-call.ts";
import type { RequestLimits } from "../contract/http/limited-fetch.ts";
import type { Usage } from "../contract/usage.ts";
import type { Call, Ending, Next, Reply, Target } from "./call.ts";
import { describeError } from "./describe-error.ts";
import { EventStream } from "./event-stream.ts";

/** Asks the backend. For a caller who streams it settles with the first event, for any other with the whole answer. */
export const execute: Next = async (call) => {
  if (call.signal.aborted) throw abortError(call.signal);
  const { handler, capability } = call;
  if (handler === undefined) throw new ModelyardError("internal", "The call was not prepared.");
  const { context, close } = createContext(call);
  try {
    const answer = handler(call.request as never, context);
    if (capability.event === undefined) {
      const { begin, end } = call.backend.handlersAtWork;
      begin();
      const output = await orAborted(answer as Promise<unknown>, call.signal, end);
      close();
      const result = collect(call, output);
      return endedReply(call, result, { outcome: "done", usage: usageOf(result) });
    }
    const events = new EventStream(call, answer as AsyncIterable<AnyEvent>);
    events.onEnd(close);
    if (call.stream) {
      await events.begin();
      return { target: call.target, events, onEnd: (listener) => events.onEnd(listener) };
    }
    const gathered = new Gathered(call.target);
    let ending: Ending = { outcome: "done" };
    events.onEnd((how) => (ending = how));
    for (let step = await events.next(); step.done !== true; step = await events.next()) {
      gathered.add(step.value);
      for (let more = events.takeReady(); more !== undefined; more = events.takeReady())
        gathered.add(more);
    }
    return endedReply(call, collect(call, gathered.events), ending);
  } catch (thrown) {
    close();
    const error = describeError(thrown, call);
    // What the handler began elsewhere is of no use any more.
    call.abort(error);
    throw error;
  }
};

/** What the handler is given; closed when the answer ends, so that one who goes on afterwards reaches nobody. */
function createContext(call: Call): { context: CallContext; close(): void } {
  let closed = false;
  const limits = { widest: call.privacy, ...limitsOfPiece(call) };
  const { signal } = call;
  const context: LimitedContext = {
    model: call.target.model,
    stream: call.stream,
    signal,
    limits,
    fetch: fetchOfCall(call.backend.fetch, { signal, limits }),
    warn(said) {
      const message = call.backend.secrets.redact(said);
      if (!closed && !call.warnings.includes(message)) call.warnings.push(message);
    },
    progress(event) {
      if (closed) return;
      call.watch?.alive();
      call.progress(event);
    },
  };
  return {
    context,
    close() {
      closed = true;
    },
  };
}

/** Where there are events, `timeout` watches them; what comes in one piece is watched while it is waited for and read. */
function limitsOfPiece({ capability, timeouts, backend }: Call): RequestLimits {
  if (capability.event !== undefined) return {};
  return {
    headersMs: timeouts?.firstTokenMs ?? backend.timeouts.firstTokenMs,
    idleMs: timeouts?.idleMs ?? backend.timeouts.idleMs,
  };
}

/** What a handler gave may be of any shape: the author's types do not hold at run time. */
function collect({ capability, target }: Call, given: unknown): unknown {
  try {
    return capability.collect(given as never);
  } catch (error) {
    if (isModelyardError(error)) throw error;
    throw new ModelyardError(
      "invalid-response",
      `${target.backend} gave no ${capability.name} result.`,
      { cause: error },
    );
  }
}

/** What is gathered of one answer for a caller who does not stream, in characters: nobody waits for more, and an answer without an end would fill the memory. */
const mostGathered = 64 * 1024 * 1024;
/** What an event takes beside its text, at least. */
const perEvent = 64;

/** The events of one answer. */
class Gathered {
  readonly events: AnyEvent[] = [];
  readonly #target: Target;
  #characters = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** @throws `invalid-response` once there are too many */
  add(event: AnyEvent): void {
    this.events.push(event);
    const { text } = event as { text?: unknown };
    this.#characters += perEvent + (typeof text === "string" ? text.length : 0);
    if (this.#characters > mostGathered) throw endless(this.#target);
  }
}

function endless({ backend }: Target): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `${backend} answers with more than ${mostGathered / 1024 / 1024} Mi characters, ${perEvent} for each of its events counted in, and no end is in sight.`,
    { remedy: "Limit the answer (maxTokens), or read it as a stream." },
  );
}

function endedReply({ target }: Call, result: unknown, ending: Ending): Reply {
  return { target, result, onEnd: (listener) => listener(ending) };
}

/** Where a result says what it cost, it does so under this name, whatever the capability. */
function usageOf(result: unknown): Usage | undefined {
  return (result as { usage?: Usage } | undefined)?.usage;
}
