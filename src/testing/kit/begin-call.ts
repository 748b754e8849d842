import type { AnyCapability, AnyEvent } from "../../contract/capability.ts";
import { asAuthor } from "./author-code.ts";
import type { OpenedBackend } from "./open-backend.ts";
import { outcomeWithin } from "./trials.ts";
import { pause } from "./within.ts";

/** A call that has been begun and is read step by step. */
export interface BegunCall {
  readonly asked: unknown;
  /** The first event, asked again the next, as an iterator gives it; or the whole answer. */
  first(): Promise<unknown>;
  /** Reads on until nothing comes for a while; `next` is what is then waited for. */
  untilItWaits(quietMs: number): Promise<{ next: Promise<unknown> }>;
  /** Says that nobody reads on, as the gateway does. */
  stop(): Promise<void>;
}

/** Begins a call, of which nothing is read yet. */
export function beginCall(
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
  request: unknown,
  signal: AbortSignal,
): BegunCall {
  const asked = opened.handlerOf(capability);
  const answer = beginSafely(() => opened.begin(capability, model, request, { signal }));
  if (capability.event === undefined) {
    const whole = answer as Promise<unknown>;
    whole.catch(() => {}); // who waits for it hears of it
    return {
      asked,
      first: () => whole,
      untilItWaits: async (quietMs) => {
        await Promise.race([pause(quietMs), whole.catch(() => {})]);
        return { next: whole };
      },
      async stop() {},
    };
  }
  const iterator = asAuthor(() => (answer as AsyncIterable<AnyEvent>)[Symbol.asyncIterator]());
  const next = () => {
    const step = asAuthor(async () => iterator.next());
    step.catch(() => {}); // who waits for it hears of it
    return step;
  };
  return {
    asked,
    first: next,
    async untilItWaits(quietMs) {
      for (;;) {
        const step = next();
        const came = await Promise.race([
          pause(quietMs).then(() => false),
          step.then(
            ({ done }) => done !== true,
            () => false,
          ),
        ]);
        if (!came) return { next: step };
      }
    },
    async stop() {
      const stopped = asAuthor(async () => iterator.return?.());
      await outcomeWithin(
        stopped,
        1_500,
        `The ${capability.name} handler, told that nobody reads on,`,
        asked,
      );
    },
  };
}

/** A handler that throws before it gives anything has failed like any other. */
function beginSafely(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    const failed = Promise.reject(error as Error);
    failed.catch(() => {}); // who waits for it hears of it
    return Object.assign(failed, {
      [Symbol.asyncIterator]: () => ({ next: () => failed, return: async () => ({ done: true }) }),
    });
  }
}
