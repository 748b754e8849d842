import { describeUnforeseen } from "../contract/describe-unforeseen.ts";
import type { AnyHandler } from "../contract/capability.ts";
import {
  isModelyardError,
  ModelyardError,
  toModelyardError,
  type ErrorCode,
} from "../contract/errors.ts";
import { fetchOfCall, type LimitedContext } from "../contract/http/fetch-of-call.ts";
import type { LimitedFetch } from "../contract/http/limited-fetch.ts";
import { canBeRead } from "../contract/message-of-thrown.ts";
import type { FromChild, ToChild } from "./messages.ts";
import { serializeError } from "./serialize-error.ts";

/** A call's half in the child. */
export interface RunningCall {
  /** Settles when the handler has ended, whatever way; never rejects. */
  readonly done: Promise<void>;
  grant(events: number): void;
  abort(reason: ModelyardError): void;
}

/** After a pause this long an event is sent at once; those that follow sooner share a message. */
const batchMs = 1;

export interface CallSurroundings {
  send(message: FromChild): void;
  /** Nothing can be sent where it is left out. */
  readonly fetch?: LimitedFetch | undefined;
  /** What an error without a code becomes; `backend-error` where left out. */
  readonly code?: ErrorCode | undefined;
  /** What is run, for its author: `handler of chat`. */
  readonly called?: string | undefined;
}

/** Runs a handler and sends what it gives. */
export function runCall(
  handler: AnyHandler,
  message: Extract<ToChild, { type: "call" }>,
  {
    send,
    fetch = noFetch,
    code: ownCode,
    called = `handler of ${message.capability}`,
  }: CallSurroundings,
): RunningCall {
  const { id, model, stream, capability, limits = {} } = message;
  const controller = new AbortController();
  const { signal } = controller;
  const context: LimitedContext = {
    model,
    stream,
    signal,
    limits,
    fetch: fetchOfCall(fetch, { signal, limits }),
    warn: (text: string) => send({ type: "warn", id, message: text }),
    progress: (event: Extract<FromChild, { type: "progress" }>["event"]) =>
      send({ type: "progress", id, event }),
  };
  let ended = false;
  let credits = message.credits ?? 0;
  let wake: (() => void) | undefined;
  let iterator: AsyncIterator<unknown> | undefined;
  let batch: unknown[] = [];
  let flushing: NodeJS.Immediate | undefined;
  let lastSentMs = Number.NEGATIVE_INFINITY;

  function flush(last: boolean): void {
    clearImmediate(flushing);
    flushing = undefined;
    if (ended || (batch.length === 0 && !last)) return;
    const events = batch;
    batch = [];
    lastSentMs = performance.now();
    try {
      send({ type: "events", id, events, last });
      ended = last;
    } catch (error) {
      // One of them can't be copied.
      abort(toModelyardError(error, "invalid-response"));
      fail(error, "invalid-response");
    }
  }

  function push(event: unknown): void {
    batch.push(event);
    credits--;
    if (performance.now() - lastSentMs >= batchMs) flush(false);
    else flushing ??= setImmediate(flush, false);
  }

  function fail(thrown: unknown, code: ErrorCode | undefined = ownCode): void {
    flush(false);
    if (ended) return;
    ended = true;
    if (!isModelyardError(thrown)) tellAuthor(thrown);
    send({ type: "error", id, error: serializeError(thrown, code) });
  }

  function tellAuthor(thrown: unknown): void {
    send({ type: "log", level: "debug", message: framesOf(thrown) });
    const what = controller.signal.aborted ? undefined : describeUnforeseen(thrown);
    if (what === undefined) return;
    send({ type: "log", level: "warn", message: `The ${called} threw ${what}.` });
  }

  function abort(reason: ModelyardError): void {
    controller.abort(reason);
    wake?.();
    // A generator takes this up after its pending step; another iterator may need it to end that step.
    iterator?.return?.().then(
      () => flush(true),
      (error: unknown) => fail(error),
    );
  }

  function finish(value: unknown): void {
    try {
      send({ type: "result", id, value });
      ended = true;
    } catch (error) {
      fail(error, "invalid-response");
    }
  }

  async function pump(events: AsyncIterator<unknown>): Promise<void> {
    while (!ended && !controller.signal.aborted) {
      if (credits <= 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const step = await events.next();
      if (step.done === true) return flush(true);
      push(step.value);
    }
    await events.return?.();
    flush(true);
  }

  async function run(): Promise<void> {
    try {
      const answer = handler(message.request as never, context);
      const streams = Symbol.asyncIterator in Object(answer);
      if (streams !== (message.credits !== undefined)) {
        throw new ModelyardError(
          "invalid-response",
          `The handler of ${capability} ${streams ? "streams" : "does not stream"}, but the capability says otherwise.`,
        );
      }
      if (streams) {
        iterator = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]();
        await pump(iterator);
      } else {
        finish(await answer);
      }
    } catch (error) {
      fail(error);
    }
  }

  return {
    done: run(),
    grant(events) {
      credits += events;
      wake?.();
    },
    abort,
  };
}

/** What a handler sent would pass by the guards of this call, which stand on the other side of the wall. */
export async function noFetch(): Promise<Response> {
  throw new ModelyardError("internal", "Behind the process wall there is no fetch.");
}

/** Where an unforeseen error comes from, which does not cross the wall with it. Without its message, which may quote the request. */
function framesOf(thrown: unknown): string {
  const stack = (canBeRead(thrown) && thrown instanceof Error && thrown.stack) || "";
  const frames = stack.split("\n").filter((line) => line.startsWith("    at "));
  return ["A handler threw:", ...frames].join("\n");
}
