import type { Capability } from "../contract/backend.ts";
import type { CapabilityMap } from "../contract/capabilities.ts";
import type { AnyCapability, AnyEvent, EventOf, ResultOf } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { AnswerOrigin, CallOptions, Gateway } from "../gateway/api.ts";
import type { DeferredGateway } from "../gateway/deferred-gateway.ts";

/** What every result says of itself. */
export interface Origin {
  /** The model's name at its backend. */
  model: string;
  backend: string;
  /** What could not be honoured. */
  warnings: readonly string[];
}

/** An answer to come. The call begins when it is awaited. */
export type Answer<Result> = Pick<Promise<Result & Origin>, "then" | "catch" | "finally">;

/** An answer to come, whole or piece by piece: await it, or iterate over its events and then, if you like, await it for the whole. */
export interface StreamingAnswer<Result, Event> extends Answer<Result>, AsyncIterable<Event> {}

/** What a call of this capability gives. */
export type AnswerOf<Name extends Capability> = [EventOf<CapabilityMap[Name]>] extends [never]
  ? Answer<ResultOf<CapabilityMap[Name]>>
  : StreamingAnswer<ResultOf<CapabilityMap[Name]>, EventOf<CapabilityMap[Name]>>;

export interface AnswerOptions {
  gateway: DeferredGateway;
  capability: string;
  request: unknown;
  options: CallOptions;
}

/** An answer that has not been asked for yet. However often it is awaited, it is one call. */
export function createAnswer({
  gateway,
  capability,
  request,
  options,
}: AnswerOptions): StreamingAnswer<object, AnyEvent> {
  let whole: Promise<object & Origin> | undefined;

  async function call(): Promise<object & Origin> {
    const answer = await gateway.call(capability, request, options);
    return withOrigin(answer.result, answer);
  }

  async function* iterate(): AsyncGenerator<AnyEvent> {
    if (whole !== undefined) {
      throw new ModelyardError("invalid-request", "This answer has been asked for already.", {
        remedy: "Iterate over an answer first and once, then await it; or make another call.",
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<object & Origin>();
    whole = promise;
    // The iteration throws it; nobody need await the whole as well.
    promise.catch(() => {});
    const events: AnyEvent[] = [];
    try {
      const opened = await gateway.open();
      const answer = await opened.stream(capability, request, options);
      for await (const event of answer.events) {
        events.push(event);
        yield event;
      }
      resolve(withOrigin(definitionOf(opened, capability).collect(events), answer));
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      // Without effect where it has settled.
      reject(new ModelyardError("cancelled", "The iteration was ended before the answer was."));
    }
  }

  const settle = () => (whole ??= call());
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what an answer is for
    then: (onDone, onFailed) => settle().then(onDone, onFailed),
    catch: (onFailed) => settle().catch(onFailed),
    finally: (onSettled) => settle().finally(onSettled),
    [Symbol.asyncIterator]: iterate,
  };
}

function definitionOf({ capabilities }: Gateway, name: string): AnyCapability {
  const capability = capabilities.get(name);
  if (capability === undefined) throw new ModelyardError("internal", `${name} is gone.`);
  return capability;
}

function withOrigin(result: unknown, { target, warnings }: AnswerOrigin): object & Origin {
  const { model, backend } = target;
  return { ...(result as object), model, backend, warnings };
}
