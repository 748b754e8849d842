import type { AnyBackendDefinition } from "../../contract/backend.ts";
import { formatReport } from "./report.ts";
import { prepare, testBackend, type KitOptions } from "./test-backend.ts";
import type { CheckOutcome } from "./run-check.ts";

type Body = (this: unknown, context?: unknown) => Promise<void>;

export interface DescribeOptions extends KitOptions {
  /** Of the runner; the global one where left out. */
  readonly describe?: ((name: string, body: () => void) => unknown) | undefined;
  /** Of the runner; the global one where left out. */
  readonly it?: ((name: string, body: Body, timeoutMs?: number) => unknown) | undefined;
}

/** What runners hand to a test, as far as it can skip itself. */
interface TestContext {
  skip?(reason?: string): void;
}

/** For runners that limit a test: more than any check takes. */
const longestMs = 130_000;

/**
 * A test for each check, with any runner that has `describe` and `it`: Vitest, node:test, Mocha, Jest. Without one the kit is run as it
 * is, its report printed, and the exit code set.
 */
export function describeBackend(
  definition: AnyBackendDefinition,
  options: DescribeOptions = {},
): Promise<void> | void {
  const { describe, it } = {
    ...(globalThis as Pick<DescribeOptions, "describe" | "it">),
    ...given(options),
  };
  if (describe === undefined || it === undefined) return runAlone(definition, options);
  const { chapters, run } = prepare(definition, options);
  describe(`${definition.type} as a backend`, () => {
    for (const { name, checks } of chapters)
      describe(name, () => {
        for (const check of checks) {
          const body: Body = async function test(context) {
            const outcome = await run(check);
            options.onCheck?.(check, outcome);
            settle(outcome, [context, this] as (TestContext | undefined)[]);
          };
          it(`${check.title} (${check.level})`, body, longestMs);
        }
      });
  });
}

function given({ describe, it }: DescribeOptions): DescribeOptions {
  return { ...(describe === undefined ? {} : { describe }), ...(it === undefined ? {} : { it }) };
}

/** @throws what a runner shows: what was seen, where, why it matters, how to mend it */
function settle(outcome: CheckOutcome, contexts: readonly (TestContext | undefined)[]): void {
  if (outcome.status === "skipped")
    return contexts.find((each) => typeof each?.skip === "function")?.skip?.(outcome.reason);
  if (outcome.status === "passed") return;
  const { seen, where, check } = outcome;
  const lines = [seen, `Why it matters: ${check.why}`, `To mend it: ${check.remedy}`, check.id];
  const error = new Error(lines.join("\n"));
  error.name = "Nonconformance";
  // The runner shows the place in the author's code, not one of ours.
  error.stack = `${error.name}: ${error.message}${where === undefined ? "" : `\n    at ${where}`}`;
  throw error;
}

async function runAlone(definition: AnyBackendDefinition, options: KitOptions): Promise<void> {
  const report = await testBackend(definition, options);
  process.stdout.write(formatReport(report, { colours: process.stdout.isTTY === true }));
  if (report.badge.level === "none" || hasFailed(report)) process.exitCode = 1;
}

function hasFailed({ chapters }: Awaited<ReturnType<typeof testBackend>>): boolean {
  return chapters.some(({ outcomes }) => outcomes.some(({ status }) => status === "failed"));
}
