import { ModelyardError } from "../contract/errors.ts";
import type { Middleware } from "./call.ts";
import { releaseAtEnd } from "./release-at-end.ts";

/** What a timer can count; a longer one would end at once. */
const longestMs = 2 ** 31 - 1;

/** Ends a call whose `timeoutMs` has passed, whatever it is doing. */
export const deadline: Middleware = (call, next) => {
  const { timeoutMs } = call;
  if (timeoutMs === undefined) return next(call);
  const expire = () =>
    call.abort(
      new ModelyardError("timeout", `The call took longer than its limit of ${timeoutMs} ms.`, {
        ...call.target,
        details: { limit: "call", timeoutMs },
        remedy: "Allow more time (timeoutMs), ask for fewer tokens, or use a smaller model.",
      }),
    );
  const timer = setTimeout(expire, Math.min(timeoutMs, longestMs));
  return releaseAtEnd(next(call), () => clearTimeout(timer));
};
