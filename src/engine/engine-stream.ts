import type { CallContext } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Interest } from "../contract/progress.ts";
import type { EngineSource } from "./ask-engine.ts";
import { describeDeath } from "./describe-death.ts";
import type { CallMessage, EngineProcess } from "./engine-process.ts";

/** How many events the child may be ahead of the reader. */
const windowEvents = 32;
/** Granted in portions, so that not every event costs a message back. */
const portionEvents = windowEvents / 2;

const finished: IteratorResult<unknown> = { done: true, value: undefined };

interface Reader {
  resolve(step: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

/**
 * The child's events of one call. Nothing is asked of the child before the first `next`; from then on it may be a window ahead.
 * What arrived before a failure is read before it. `return` settles when the child's generator has ended.
 */
export function engineStream(
  source: EngineSource,
  message: CallMessage,
  context: Interest & Partial<Pick<CallContext, "warn">>,
): AsyncIterableIterator<unknown> {
  const { signal } = context;
  const ended = Promise.withResolvers<void>();
  let state: "new" | "starting" | "open" | "over" = "new";
  let engine: EngineProcess | undefined;
  let id = 0;
  let received: unknown[] = [];
  let readIndex = 0;
  let readSinceGrant = 0;
  let hasBegun = false;
  let failure: { error: unknown } | undefined;
  const readers: Reader[] = [];

  function end(error?: unknown): void {
    if (state === "over") return;
    state = "over";
    signal.removeEventListener("abort", onAbort);
    if (error !== undefined) failure = { error };
    for (const reader of readers.splice(0)) settle(reader);
  }

  /** What is left to say once it is over. */
  function settle(reader: Reader): void {
    if (failure === undefined) return reader.resolve(finished);
    const { error } = failure;
    failure = undefined;
    reader.reject(error);
  }

  /** The reader goes, the child is told; what it still sends is of no interest. */
  function leave(reason: unknown, error?: unknown): void {
    received = [];
    readIndex = 0;
    const wasOpen = state === "open";
    if (wasOpen) engine?.abort(id, reason);
    end(error);
    if (!wasOpen) ended.resolve();
  }

  const onAbort = () => leave(signal.reason, signal.reason);

  async function begin(): Promise<void> {
    state = "starting";
    try {
      signal.addEventListener("abort", onAbort, { once: true });
      signal.throwIfAborted();
      const found = source.running(context);
      engine = found instanceof Promise ? await found : found;
      // It may have been left while the engine was starting.
      if (state !== "starting") return;
      id = engine.open({ ...message, credits: windowEvents }, receiver);
      state = "open";
    } catch (error) {
      ended.resolve();
      end(error);
    }
  }

  const receiver = {
    request: "request" in message ? message.request : undefined,
    events(events: unknown[], last: boolean) {
      if (last) ended.resolve();
      if (state === "over") return;
      hasBegun ||= events.length > 0;
      let given = 0;
      while (given < events.length && readers.length > 0) {
        readers.shift()?.resolve({ done: false, value: events[given++] });
        counted();
      }
      if (given < events.length) {
        const unread = given === 0 ? events : events.slice(given);
        received = readIndex < received.length ? received.slice(readIndex).concat(unread) : unread;
        readIndex = 0;
      }
      if (!last) return;
      if (message.type === "call") source.answered();
      end();
    },
    failed(error: ModelyardError, death?: Parameters<typeof describeDeath>[1]) {
      ended.resolve();
      const name = error.backend ?? "";
      end(death !== undefined && hasBegun ? describeDeath(name, death, true) : error);
    },
    warn: (text: string) => context.warn?.(text),
    progress: (event: Parameters<CallContext["progress"]>[0]) => context.progress(event),
  };

  function counted(): void {
    if (++readSinceGrant < portionEvents || state !== "open") return;
    engine?.grant(id, readSinceGrant);
    readSinceGrant = 0;
  }

  return {
    next() {
      if (readIndex < received.length) {
        const value = received[readIndex++];
        counted();
        return Promise.resolve({ done: false, value });
      }
      return new Promise((resolve, reject) => {
        const reader = { resolve, reject };
        if (state === "over") return settle(reader);
        readers.push(reader);
        if (state === "new") void begin();
      });
    },
    async return() {
      failure = undefined;
      if (state === "new") ended.resolve();
      leave(new ModelyardError("cancelled", "The reader stopped."));
      await ended.promise;
      return finished;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
