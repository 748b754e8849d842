import { isModelyardError } from "../../contract/errors.ts";
import { tellError } from "../../contract/tell-error.ts";
import { chapterOf, Failure, Skip, type Check } from "./check.ts";
import { placeOfFunction, placeOfThrown } from "./find-place.ts";
import type { Bench } from "./subject.ts";
import { within } from "./within.ts";

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
}

/** No check takes so long, unless what it tries hangs where nothing else watches; in milliseconds. */
const longestMs = 120_000;

/** Runs one check. Never throws: whatever is thrown is its outcome. */
export async function runCheck(
  check: Check,
  bench: Bench,
  { skip = {}, module }: RunCheckOptions = {},
): Promise<CheckOutcome> {
  const begunMs = performance.now();
  const took = () => ({ check, durationMs: performance.now() - begunMs });
  const reason = skip[check.id] ?? skip[chapterOf(check)];
  if (reason !== undefined) return { ...took(), status: "skipped", reason, declared: true };
  try {
    await bench.lend((subject) => within(check.run(subject), longestMs, "The check"));
    return { ...took(), status: "passed" };
  } catch (error) {
    if (error instanceof Skip)
      return { ...took(), status: "skipped", reason: error.message, declared: error.declared };
    return { ...took(), status: "failed", ...describeFailure(error, module) };
  }
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

/** A thrown value in words: its code where it is one of ours, else its class; what else it may be. */
export function describeThrown(thrown: unknown): string {
  if (isModelyardError(thrown)) return `${thrown.code}: ${tellError(thrown)}`;
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  return `${typeof thrown === "string" ? "the text" : "something that is no error,"} ${JSON.stringify(thrown)}.`;
}
