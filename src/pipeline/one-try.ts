import { toModelyardError } from "../contract/errors.ts";
import type { Call, Ending, EndListener, Guard, Middleware, Next, Reply, Try } from "./call.ts";

/**
 * One try of a call: it passes the guards in their order, and they hear of its end in the opposite one. They are no middleware, each
 * with a promise of its own, because every call passes through all of them, and nearly none has to wait.
 */
export function oneTry(guards: readonly Guard[]): Middleware {
  return async function oneTry(call: Call, next: Next): Promise<Reply> {
    const begun: (() => void)[] = [];
    const ended: EndListener[] = [];
    const end = (ending: Ending) => {
      for (let listener = ended.pop(); listener !== undefined; listener = ended.pop())
        listener(ending);
    };
    const current: Try = {
      ...call,
      onBegin: (listener) => void begun.push(listener),
      onEnd: (listener) => void ended.push(listener),
    };
    try {
      for (const guard of guards) {
        const wait = guard(current);
        if (wait !== undefined) await wait;
      }
      const reply = await next(current);
      for (const listener of begun) listener();
      reply.onEnd(end);
      return reply;
    } catch (thrown) {
      const error = toModelyardError(thrown);
      end({ outcome: error.code, error });
      throw thrown;
    }
  };
}
