import type { CallContext } from "./backend.ts";
import type { AnyCapability, AnyEvent, AnyHandler } from "./capability.ts";
import { ModelyardError, type ErrorCode } from "./errors.ts";
import { validate } from "./validate.ts";
import { warnOfUsage } from "./warn-of-usage.ts";

/** How an answer is refused that its capability does not allow. */
export const invalidAnswer = {
  code: "invalid-response",
  remedy: "That is a fault in the plugin's own code: `modelyard backend test` shows where.",
} as const satisfies { code: ErrorCode; remedy: string };

/**
 * The same handler, of an author whose types do not hold at run time: each call gets a request of its own, which it may change, and what
 * it answers is held to the capability. What does not fit is thrown as `invalid-response`, with its place.
 */
export function checkedHandler(capability: AnyCapability, handler: AnyHandler): AnyHandler {
  const { name } = capability;
  const ask = (request: unknown, context: CallContext) =>
    handler(copyOf(request) as never, context);
  if (capability.event !== undefined) {
    return (request, context) => {
      const check = (event: AnyEvent) => {
        validate(capability.event, event, { what: `${name} event`, ...invalidAnswer });
        warnOfUsage(event, context.warn);
      };
      const answer = ask(request, context) as AsyncIterable<AnyEvent>;
      // What is no stream at all the pipeline tells of.
      return typeof answer?.[Symbol.asyncIterator] === "function"
        ? checkedEvents(answer, check)
        : answer;
    };
  }
  const what = `${name} output`;
  return async (request: unknown, context: CallContext) => {
    const output = await ask(request, context);
    validate(capability.output, output, { what, ...invalidAnswer });
    warnOfUsage(output, context.warn);
    const misfit = capability.misfit?.(output, request);
    if (misfit === undefined) return output;
    const { code, remedy } = invalidAnswer;
    throw new ModelyardError(code, `Invalid ${what}: ${misfit}.`, { remedy });
  };
}

/** No generator: what is wrong is told at once, whether or not the handler can be brought to its end. */
function checkedEvents(
  answer: AsyncIterable<AnyEvent>,
  check: (event: AnyEvent) => void,
): AsyncIterableIterator<AnyEvent> {
  const events = answer[Symbol.asyncIterator]() as Partial<AsyncIterator<AnyEvent>> | undefined;
  return {
    async next() {
      // One that is written by hand may be none.
      const step = (await events?.next?.()) as IteratorResult<AnyEvent, unknown> | undefined;
      if (typeof step !== "object" || step === null) throw brokenIterator();
      if (step.done !== true) check(step.value);
      return step;
    },
    async return() {
      return (await events?.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function brokenIterator(): ModelyardError {
  const { code, remedy } = invalidAnswer;
  return new ModelyardError(code, "Its stream gives no { value, done } when it is asked.", {
    remedy,
  });
}

/** Lists and plain objects are copied; what lies in them, texts above all, is shared. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}
