import { chapterOf, Failure, Skip, type Check } from "./check.ts";
import { describeThrown } from "./describe-value.ts";
import { placeOfFunction, placeOfThrown } from "./find-place.ts";
import type { Bench } from "./subject.ts";
import { withRemedyFor } from "./remedy-for.ts";
import { withStrayErrors, type StrayError } from "./stray-errors.ts";
import { placeOfInterruption, type Interruption, type Watchdog } from "./watchdog.ts";
import { pause, within } from "./within.ts";

/** What came of a check. */
export type CheckOutcome = {
  readonly check: Check;
  readonly durationMs: number;
} & (
  | { readonly status: "passed" }
  | {
      readonly status: "failed";
      /** What was seen. */
      readonly seen: string;
      /** Where in the author's code: `acme.ts:14`. */
      readonly where?: string | undefined;
    }
  | { readonly status: "skipped"; readonly reason: string; readonly declared: boolean }
);

export interface RunCheckOptions {
  /** Why a chapter or a check is left out, by its name. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
  /** Where the definition is written. */
  readonly module?: string | undefined;
  /** Sees that the thread is blocked; nobody does where left out. */
  readonly watchdog?: Watchdog | undefined;
  /** Hears of what the check's work throws where nobody can catch it, once the check has ended. */
  readonly onLate?: ((stray: StrayError) => void) | undefined;
}

const afterBlock = "The thread was blocked before, or meanwhile.";

/** How long those that run beside a check that was interrupted have to end, in milliseconds. */
const graceMs = 700;

/** No check takes so long, unless what it tries hangs where nothing else watches; in milliseconds. */
const longestMs = 120_000;

/** Runs one check. Never throws: whatever is thrown is its outcome. */
export async function runCheck(
  check: Check,
  bench: Bench,
  { skip = {}, module, watchdog, onLate }: RunCheckOptions = {},
): Promise<CheckOutcome> {
  const begunMs = performance.now();
  const took = () => ({ check, durationMs: performance.now() - begunMs });
  const reason = skip[check.id] ?? skip[chapterOf(check)];
  if (reason !== undefined) return { ...took(), status: "skipped", reason, declared: true };
  if (watchdog?.interruption !== undefined)
    return {
      ...took(),
      status: "skipped",
      reason: afterBlock,
      declared: false,
    };
  const run = () => bench.lend((subject) => within(check.run(subject), longestMs, "The check"));
  try {
    const watched =
      watchdog === undefined
        ? run
        : () => Promise.race([watchdog.watch(run), failOnceBlocked(watchdog, module)]);
    const { strays } = await withStrayErrors(watched, onLate);
    const [stray] = strays;
    const passed: CheckOutcome = { ...took(), status: "passed" };
    return stray === undefined ? passed : strayOutcome(passed, stray, { module });
  } catch (error) {
    if (error instanceof Skip)
      return { ...took(), status: "skipped", reason: error.message, declared: error.declared };
    const told = error instanceof Blocked ? { ...check, ...blocking } : withRemedyFor(check, error);
    return { ...took(), check: told, status: "failed", ...describeFailure(error, module) };
  }
}

/** What becomes of a check whose work threw where nobody could catch it; `isLate`: when the check had ended. */
export function strayOutcome(
  { check, durationMs }: CheckOutcome,
  { error }: StrayError,
  { module, isLate = false }: { module?: string | undefined; isLate?: boolean },
): CheckOutcome {
  const when = isLate ? "Some time after it was asked, and where" : "Where";
  const seen = `${when} nobody could catch it, it threw ${describeThrown(error)}`;
  const told = describeFailure(new Failure(seen, { thrown: error }), module);
  return { check, durationMs, status: "failed", ...told };
}

/** The thread was blocked: worse than whatever the check is about. */
class Blocked extends Failure {}

const blocking = {
  level: "bronze",
  why: "Every other call of the program waits meanwhile, and no limit can end it.",
  remedy:
    "Await something in long loops (setImmediate), or leave the work to another thread or process (isolate: true).",
} as const;

async function failOnceBlocked(watchdog: Watchdog, module?: string): Promise<never> {
  const interruption = await watchdog.interrupted;
  await pause(graceMs);
  throw blockedBy(interruption, module);
}

function blockedBy(interruption: Interruption, module?: string): Blocked {
  const seconds = (interruption.blockedMs / 1000).toFixed(1);
  return new Blocked(
    `It blocked the thread for ${seconds} s, and was interrupted: nothing else could happen meanwhile, no other call and no limit.`,
    { where: placeOfInterruption(interruption, module) },
  );
}

/** Whether it is what says that the thread was blocked. */
export function saysBlocked(outcome: CheckOutcome): boolean {
  return outcome.status === "failed" && outcome.check.why === blocking.why;
}

/**
 * What came of a check that never ended, because the thread was blocked: what ends a loop from outside takes along whatever else was
 * about to run.
 */
export function blockedOutcome(
  check: Check,
  interruption: Interruption,
  { isToBlame, module }: { isToBlame: boolean; module?: string | undefined },
): CheckOutcome {
  if (!isToBlame)
    return { check, durationMs: 0, status: "skipped", reason: afterBlock, declared: false };
  const told = describeFailure(blockedBy(interruption, module), module);
  return { check: { ...check, ...blocking }, durationMs: 0, status: "failed", ...told };
}

/** What was seen, and where in the author's code. */
export function describeFailure(
  error: unknown,
  module?: string,
): { seen: string; where?: string | undefined } {
  const failure = error instanceof Failure ? error : undefined;
  const thrown = failure === undefined ? error : failure.thrown;
  const where =
    failure?.where ?? placeOfThrown(thrown, module) ?? placeOfFunction(failure?.asked) ?? module;
  return { seen: failure?.message ?? `It threw ${describeThrown(error)}`, where };
}
