import { abortError } from "../contract/abort.ts";
import type { BatchedIterator } from "../contract/batches.ts";
import type { AnyEvent } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import type { Usage } from "../contract/usage.ts";
import type { Call, Ending, EndListener } from "./call.ts";
import { describeError } from "./describe-error.ts";
import { tellAuthor } from "./tell-author.ts";

type Step = IteratorResult<AnyEvent, unknown>;

interface Reader {
  resolve(step: Step): void;
  reject(error: unknown): void;
}

const finished = { done: true, value: undefined } as const;

/**
 * The events of one answer. It ends once: with its last event (`finish`), an error, a deadline (the call's own, with the capability's
 * `cut` where an answer has begun), or a caller who stops reading. What the call holds is released at that moment, even if nobody reads
 * on. Not an async generator: one that was never started does not run its `finally`, and each layer of them costs a turn of the event
 * loop.
 */
export class EventStream implements BatchedIterator<AnyEvent> {
  readonly #call: Call;
  readonly #upstream: AsyncIterator<AnyEvent, unknown> & Partial<BatchedIterator<AnyEvent>>;
  readonly #listeners: EndListener[] = [];
  #ending: Ending | undefined;
  #begun = false;
  /** Read ahead by `begin`. */
  #first: Step | undefined;
  /** Why it ended, until the caller has been told. */
  #failure: ModelyardError | undefined;
  #reader: Reader | undefined;

  constructor(call: Call, answer: AsyncIterable<AnyEvent>) {
    if (typeof answer?.[Symbol.asyncIterator] !== "function")
      throw invalidResponse(
        call,
        `gave no stream of ${call.capability.name} events`,
        "Its handler must be a generator: `async *` before its name, with a `yield` for each event.",
      );
    this.#call = call;
    this.#upstream = answer[Symbol.asyncIterator]();
    call.backend.handlersAtWork.begin();
    if (call.signal.aborted) this.handleEvent();
    else call.signal.addEventListener("abort", this);
  }

  next(): Promise<Step> {
    const first = this.#first;
    if (first === undefined)
      return new Promise((resolve, reject) => this.#ask({ resolve, reject }));
    this.#first = undefined;
    return Promise.resolve(first);
  }

  takeReady(): AnyEvent | undefined {
    if (this.#ending !== undefined || this.#first !== undefined) return undefined;
    const event = this.#upstream.takeReady?.();
    return event === undefined || !this.#take(event) ? undefined : event;
  }

  /** Settles with the first event, which `next` still gives. */
  async begin(): Promise<void> {
    this.#first = await this.next();
  }

  async return(): Promise<Step> {
    this.#first = undefined;
    this.#failure = undefined;
    if (this.#ending === undefined) {
      this.#end({ outcome: "abandoned" });
      this.#stopUpstream(new ModelyardError("cancelled", "The caller stopped reading."));
      this.#reader?.resolve(finished);
      this.#reader = undefined;
    }
    return finished;
  }

  /** Calls `listener` once the answer has ended, at once if it has already. */
  onEnd(listener: EndListener): void {
    if (this.#ending === undefined) this.#listeners.push(listener);
    else listener(this.#ending);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The call's signal has aborted. */
  handleEvent(): void {
    this.#fail(abortError(this.#call.signal));
  }

  #ask(next: Reader): void {
    if (this.#ending !== undefined) return this.#tellEnd(next);
    if (this.#reader !== undefined)
      return next.reject(new ModelyardError("internal", "Events are read one at a time."));
    this.#reader = next;
    this.#call.watch?.asked();
    try {
      Promise.resolve(this.#upstream.next()).then(
        (step) => this.#arrived(step),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #arrived(step: Step): void {
    if (this.#ending !== undefined) return;
    if (step.done === true) return this.#fail(brokenOff(this.#call, this.#begun));
    if (!this.#take(step.value)) return;
    this.#reader?.resolve(step);
    this.#reader = undefined;
  }

  /** Counts an event in. @returns whether it is one; where it is none the answer has failed */
  #take(event: AnyEvent): boolean {
    const { watch, step, story } = this.#call;
    if (typeof event?.type !== "string") {
      this.#fail(invalidResponse(this.#call, "gave something that is no event"));
      return false;
    }
    if (!this.#begun && step !== undefined) step.begunMs = story.elapsedMs();
    this.#begun = true;
    if (event.type === "finish") {
      this.#end({ outcome: "done", usage: (event as { usage?: Usage }).usage });
      void this.#runToItsEnd();
    } else watch?.arrived(event);
    return true;
  }

  #end(how: Ending): void {
    this.#ending = how;
    this.#call.signal.removeEventListener("abort", this);
    for (const listener of this.#listeners) listener(how);
  }

  #fail(thrown: unknown): void {
    if (this.#ending !== undefined) return;
    const told = describeError(thrown, this.#call);
    const failure = this.#begun ? inMidAnswer(told) : told;
    this.#failure = failure;
    this.#end({ outcome: failure.code, error: failure });
    this.#stopUpstream(failure);
    if (this.#reader !== undefined) this.#tellEnd(this.#reader);
  }

  /** The last thing a caller hears, once it has ended. */
  #tellEnd({ resolve, reject }: Reader): void {
    this.#reader = undefined;
    const error = this.#failure;
    this.#failure = undefined;
    const { capability } = this.#call;
    if (error === undefined) resolve(finished);
    else if (this.#begun && error.details?.["limit"] === "call" && isCuttable(capability))
      resolve({ done: false, value: capability.cut("timeout") });
    else reject(error);
  }

  /** Lets the handler do what it does after its last event. The caller waits for none of it. */
  async #runToItsEnd(): Promise<void> {
    try {
      const last = await this.#upstream.next();
      if (last.done === true) return this.#call.backend.handlersAtWork.end();
      this.#stopUpstream(invalidResponse(this.#call, "goes on after its last event"));
      tellAuthor(
        this.#call.backend,
        "goes on after its last event, `finish`: what came then reached nobody. Let its handler return there.",
      );
    } catch (error) {
      this.#call.backend.handlersAtWork.end();
      this.#ignored(error);
    }
  }

  #stopUpstream(reason: ModelyardError): void {
    this.#call.abort(reason);
    const { end } = this.#call.backend.handlersAtWork;
    const failed = (error: unknown) => {
      end();
      this.#ignored(error);
    };
    try {
      Promise.resolve(this.#upstream.return?.()).then(end, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** The backend's complaint about being stopped is of no interest: the call has ended already. */
  #ignored(error: unknown): void {
    const { id, backend, target } = this.#call;
    const { message } = toModelyardError(error);
    backend.log.debug(`${target.backend}: ${message} (after the end of ${id})`);
  }
}

function isCuttable(
  capability: Call["capability"],
): capability is Call["capability"] & { cut(reason: "timeout"): AnyEvent } {
  return capability.event !== undefined && capability.cut !== undefined;
}

/** An answer that comes by several requests ends where one of them reaches nobody: for the caller it broke off. Our own end is told as what it is. */
function inMidAnswer(error: ModelyardError): ModelyardError {
  if (error.code !== "backend-unavailable" || error.details?.["limit"] === "shutdown") return error;
  const message = `The answer broke off: ${error.message}`;
  return new ModelyardError("stream-interrupted", message, { ...error, cause: error });
}

function brokenOff({ target }: Call, begun: boolean): ModelyardError {
  return begun
    ? new ModelyardError("stream-interrupted", `${target.backend} stopped in mid-answer.`)
    : new ModelyardError("invalid-response", `${target.backend} ended without an answer.`);
}

function invalidResponse({ target }: Call, what: string, remedy?: string): ModelyardError {
  return new ModelyardError("invalid-response", `${target.backend} ${what}.`, { remedy });
}
