import { ModelyardError } from "../contract/errors.ts";
import type { Progress } from "../contract/progress.ts";
import type { Middleware, Reply } from "./call.ts";

/** What a timer can count; a longer one would end at once. */
const longestMs = 2 ** 31 - 1;

/** What a call was at when its time was up, by what was last told of it. */
const meanwhile: Readonly<Record<Progress["phase"], string>> = {
  queue: "it was still waiting for its turn",
  install: "an engine was still being installed",
  pull: "the model was still being fetched",
  load: "the model was still being loaded",
  prompt: "the prompt was still being read",
};

/** Ends a call whose `timeoutMs` has passed, whatever it is doing. */
export const deadline: Middleware = (call, next) => {
  const { timeoutMs } = call;
  if (timeoutMs === undefined) return next(call);
  let phase: Progress["phase"] | undefined;
  const progress = (event: Progress) => {
    ({ phase } = event);
    call.progress(event);
  };
  const expire = () => {
    const doing = phase === undefined ? "" : `; ${meanwhile[phase]}`;
    const message = `The call took longer than its limit of ${timeoutMs} ms${doing}.`;
    call.abort(
      new ModelyardError("timeout", message, {
        details: { limit: "call", timeoutMs },
        remedy: "Allow more time (timeoutMs), ask for fewer tokens, or use a smaller model.",
      }),
    );
  };
  const timer = setTimeout(expire, Math.min(timeoutMs, longestMs));
  const endsAt = performance.now() + timeoutMs;
  return releaseAtEnd(next({ ...call, progress, endsAt }), () => clearTimeout(timer));
};

/** Calls `release` once the answer has ended, or at once where none begins. */
function releaseAtEnd(answer: Promise<Reply>, release: () => void): Promise<Reply> {
  return answer.then(
    (reply) => {
      reply.onEnd(release);
      return reply;
    },
    (error: unknown) => {
      release();
      throw error;
    },
  );
}
