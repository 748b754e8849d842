import { delay } from "../contract/abort.ts";
import { errorCodes, isModelyardError, type ModelyardError } from "../contract/errors.ts";
import type { Call, Middleware, Next, Reply } from "./call.ts";

/** The pause before the first repetition is up to this long, in milliseconds; it doubles with each. */
const basePauseMs = 200;
const longestPauseMs = 5_000;
/** A target that asks to be left alone for longer is left alone: the next one is tried at once, or the caller told. */
const shortMs = { withOthers: 1_000, alone: 10_000 };

/** Tries the same target again where the table of errors says that it may help, within the call's time and the backend's budget. */
export const retry: Middleware = (call, next) =>
  next(call).then(
    (reply) => {
      call.backend.retryBudget.called();
      return reply;
    },
    (thrown: unknown) => tryAgain(thrown, call, next),
  );

/** `thrown`: what came of the first try. */
async function tryAgain(thrown: unknown, call: Call, next: Next): Promise<Reply> {
  const { backend, target, story, signal } = call;
  let error = thrown;
  /** What the target itself said last. */
  let failure: unknown;
  /** Counted once, and not where its circuit sent the call away: a target that was not asked bears no load. */
  const count = () => {
    if (failure === undefined) backend.retryBudget.called();
  };
  for (let attempt = 1; ; attempt += 1) {
    const refused = isRefusedByCircuit(error);
    if (!refused) {
      count();
      failure = error;
    }
    // It would be sent away after the pause: the next target is there at once, and so is the end.
    if (!refused && backend.circuits.all.get(target.model)?.state === "open") throw error;
    const pauseMs = attempt < backend.attempts ? pauseAfter(error, attempt, call) : undefined;
    // A circuit that sent the call away has spared the target: it is no load that a budget has to bear.
    if (pauseMs === undefined || !(refused || backend.retryBudget.take())) throw failure ?? error;
    const step = story.waits(target);
    try {
      await delay(pauseMs, signal);
    } finally {
      step.waitMs = story.elapsedMs() - step.atMs;
    }
    try {
      const reply = await next(call);
      count();
      return reply;
    } catch (again) {
      error = again;
    }
  }
}

function isRefusedByCircuit(error: unknown): boolean {
  return isModelyardError(error) && error.details?.["limit"] === "circuit";
}

/** How long to wait before the next try, in milliseconds; undefined where there should be none. */
function pauseAfter(error: unknown, attempt: number, call: Call): number | undefined {
  if (!isModelyardError(error) || call.signal.aborted || !mayHelp(error, call)) return undefined;
  const askedMs = error.retryAfterMs ?? 0;
  if (askedMs > (call.candidates.length > 0 ? shortMs.withOthers : shortMs.alone)) return undefined;
  const pauseMs = Math.max(askedMs, jitter(attempt));
  return call.endsAt !== undefined && performance.now() + pauseMs >= call.endsAt
    ? undefined
    : pauseMs;
}

function mayHelp(error: ModelyardError, { candidates }: Call): boolean {
  const { code, details, retryAfterMs } = error;
  if (!errorCodes[code].retryable || details?.["limit"] === "queue") return false;
  // Nobody waits for an open circuit while another target is free.
  if (candidates.length > 0 && isRefusedByCircuit(error)) return false;
  // Who has waited in vain, or is to slow down for nobody knows how long, does better elsewhere.
  const vain = code === "timeout" || (code === "rate-limited" && retryAfterMs === undefined);
  return candidates.length === 0 || !vain;
}

/** Exponential, with full jitter: those who failed together must not come back together. */
function jitter(attempt: number): number {
  return Math.random() * Math.min(longestPauseMs, basePauseMs * 2 ** (attempt - 1));
}
