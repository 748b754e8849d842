import type { AnyBackendDefinition } from "../../contract/backend.ts";
import { chaptersOf } from "./chapters-of.ts";
import { chapterOf, type Chapter, type Check } from "./check.ts";
import { lifecycle } from "./chapters/lifecycle.ts";
import { withRemedyFor } from "./remedy-for.ts";
import { toReport, type Report } from "./report.ts";
import {
  blockedOutcome,
  describeFailure,
  runCheck,
  saysBlocked,
  strayOutcome,
  type CheckOutcome,
} from "./run-check.ts";
import { hearStrayErrors, strayErrorsTold, type StrayError } from "./stray-errors.ts";
import { createWatchdog, type Interruption } from "./watchdog.ts";
import { pause } from "./within.ts";
import { createBench, type Bench, type SubjectOptions } from "./subject.ts";

export interface KitOptions extends SubjectOptions {
  /** Why a chapter or a check is left out, by its name: `{ "back-pressure": "its server answers in one piece" }`. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
  /** The chapters or checks to run, by name; all where left out. */
  readonly only?: readonly string[] | undefined;
  /** Where the definition is written, where it does not say so itself: a path or a file's URL. */
  readonly module?: string | undefined;
  /** How long a handler may block the thread before it is interrupted, in milliseconds; 5,000 where left out. */
  readonly blockedMs?: number | undefined;
  /** Told of each check before it is run, and of what came of it. */
  readonly onCheck?: ((check: Check, outcome?: CheckOutcome) => void) | undefined;
}

/** How long checks have to end after the thread was blocked, in milliseconds. */
const stragglerMs = 2_000;

/** So many checks of a chapter run at once: most of their time they wait. */
const atOnce = 4;

/** Runs the whole kit on a kind of backend. Throws what `onCheck` throws: all else that goes wrong is in the report. */
export async function testBackend(
  definition: AnyBackendDefinition,
  options: KitOptions = {},
): Promise<Report> {
  const begunMs = performance.now();
  const outcomes = new Map<string, CheckOutcome>();
  const begun = new Set<string>();
  const module = options.module ?? definition.module;
  /** What came when the check whose doing it is had ended. */
  const late = new Map<Check, StrayError>();
  const prepared = prepare(definition, options, (check, stray) => late.set(check, stray));
  const stopHearing = hearStrayErrors();
  const run = async (check: Check) => {
    begun.add(check.id);
    options.onCheck?.(check);
    const outcome = await prepared.run(check);
    options.onCheck?.(check, outcome);
    outcomes.set(check.id, outcome);
  };
  let interruption: Interruption | undefined;
  try {
    interruption = await Promise.race([runAll(prepared.chapters, run), prepared.blocked]);
  } finally {
    prepared.close();
    await strayErrorsTold();
    stopHearing();
  }
  for (const [check, stray] of late) {
    const outcome = outcomes.get(check.id);
    if (outcome?.status === "passed")
      outcomes.set(check.id, strayOutcome(outcome, stray, { module, isLate: true }));
  }
  if (interruption !== undefined) {
    // One that says so is enough: others that have not ended may only have stood beside it.
    const isTold = [...outcomes.values()].some(saysBlocked);
    for (const check of prepared.chapters.flatMap(({ checks }) => checks)) {
      const isToBlame = !isTold && begun.has(check.id);
      if (!outcomes.has(check.id))
        outcomes.set(check.id, blockedOutcome(check, interruption, { isToBlame, module }));
    }
  }
  return toReport({
    type: definition.type,
    chapters: prepared.chapters,
    outcomes: [...outcomes.values()],
    durationMs: performance.now() - begunMs,
  });
}

async function runAll(
  chapters: readonly Chapter[],
  run: (check: Check) => Promise<void>,
): Promise<undefined> {
  for (const { checks } of chapters) {
    const [first, ...others] = checks.filter(({ alone }) => alone !== true);
    // What does not answer at all is asked nothing else.
    if (first !== undefined) await run(first);
    await runAtOnce(others, run);
    for (const check of checks.filter(({ alone }) => alone === true)) await run(check);
  }
  return undefined;
}

/** The chapters for a definition, and how one of their checks is run. */
export interface PreparedKit {
  readonly chapters: readonly Chapter[];
  run(check: Check): Promise<CheckOutcome>;
  /** Settles some time after the thread was blocked: what has not ended by then never will. */
  readonly blocked: Promise<Interruption>;
  /** Ends what watches. */
  close(): void;
}

/** Never throws: where no backend can be made, the one check that is left says why. */
export function prepare(
  definition: AnyBackendDefinition,
  options: KitOptions = {},
  onLate?: (check: Check, stray: StrayError) => void,
): PreparedKit {
  const { skip, only } = options;
  const module = options.module ?? definition.module;
  try {
    const bench: Bench = createBench(definition, options);
    /** Capabilities whose first check has failed. */
    const silent = new Set<string>();
    const watchdog = createWatchdog(options.blockedMs ?? 5_000);
    return {
      blocked: watchdog.interrupted.then(async (interruption) => {
        await pause(stragglerMs);
        return interruption;
      }),
      close: () => watchdog.stop(),
      chapters: chosen(chaptersOf(bench.capabilities), only),
      async run(check) {
        const capability = bench.capabilities.find(({ name }) => name === chapterOf(check));
        if (capability !== undefined && silent.has(capability.name))
          return silentOutcome(check, capability.name);
        const outcome = await runCheck(check, bench, {
          skip,
          module,
          watchdog,
          onLate: onLate && ((stray) => onLate(check, stray)),
        });
        if (outcome.status === "failed" && check.id === `${capability?.name}/answers`) {
          silent.add(capability!.name);
          bench.leaveOut(capability!.name);
        }
        return outcome;
      },
    };
  } catch (error) {
    const create = lifecycle.checks.find(({ id }) => id === "lifecycle/create")!;
    const failed: CheckOutcome = {
      check: withRemedyFor(create, error),
      durationMs: 0,
      status: "failed",
      ...describeFailure(error, module),
    };
    return {
      chapters: [{ ...lifecycle, checks: [create] }],
      run: async () => failed,
      blocked: new Promise(() => {}),
      close() {},
    };
  }
}

function silentOutcome(check: Check, capability: string): CheckOutcome {
  const reason = `${capability} does not answer.`;
  return { check, durationMs: 0, status: "skipped", reason, declared: true };
}

function chosen(chapters: readonly Chapter[], only: readonly string[] | undefined): Chapter[] {
  return chapters.flatMap((chapter) => {
    const checks = chapter.checks.filter(
      ({ id }) => only === undefined || only.includes(id) || only.includes(chapter.name),
    );
    return checks.length === 0 ? [] : [{ ...chapter, checks }];
  });
}

async function runAtOnce(checks: readonly Check[], run: (check: Check) => Promise<void>) {
  const left = [...checks];
  const worker = async () => {
    for (let check = left.shift(); check !== undefined; check = left.shift()) await run(check);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
