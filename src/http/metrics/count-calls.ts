import { figureOf } from "../../contract/usage.ts";
import type { Trace } from "../../gateway/api.ts";
import { createBoundedNames } from "./bounded-names.ts";
import { createTally, type Tally } from "./tally.ts";

/** Upper bounds of the buckets, as OpenTelemetry's conventions give them: seconds, and tokens. */
export const bounds = {
  durationSeconds: [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  ],
  firstTokenSeconds: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ],
  outputTokenSeconds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  tokens: [
    1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    67_108_864,
  ],
} as const;

/** Calls that are alike. */
export interface CallSeries {
  readonly capability: string;
  /** The kind of backend. */
  readonly type: string;
  readonly backend: string;
  /** As callers named it; empty where they named none. */
  readonly requestModel: string;
  /** Empty where none has begun to answer. */
  readonly responseModel: string;
  readonly outcome: Trace["outcome"];
  readonly durationSeconds: Tally;
  readonly firstTokenSeconds: Tally;
  readonly outputTokenSeconds: Tally;
  readonly inputTokens: Tally;
  readonly outputTokens: Tally;
}

/** What became of all calls, counted as they end. Nothing is formatted until somebody asks. */
export interface CallCounts {
  add(trace: Trace): void;
  readonly series: Iterable<CallSeries>;
  /** Tries: backend → outcome → how many. */
  readonly attempts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** How many models are told apart, and how many series there may be in all. */
const mostNames = 200;
const mostSeries = 5_000;

/** So many calls are counted at once: one by one each would cost several times as much. */
const mostGathered = 64;

/** A call that was refused before a target was found. */
const nowhere = { backend: "", model: "" };

/** `isConfigured`: whether the configuration names a model so; it stands for itself though it has never answered. */
export function createCallCounts(
  isConfigured: (name: string) => boolean = () => false,
): CallCounts {
  const all = new Map<string, CallSeries>();
  const attempts = new Map<string, Map<string, number>>();
  let names = createBoundedNames(mostNames);
  let gathered: Trace[] = [];

  function seriesOf(trace: Trace): CallSeries {
    const { capability, type = "", requested, target = nowhere, outcome, begunMs } = trace;
    const answered = outcome === "done";
    const requestModel =
      requested === undefined ? "" : names.bound(requested, answered || isConfigured(requested));
    // Who has failed before the first word has given no answer.
    const begun = answered || begunMs !== undefined;
    const responseModel = target === nowhere || !begun ? "" : names.bound(target.model, answered);
    const { backend } = target;
    const key = `${capability}\n${backend}\n${requestModel}\n${responseModel}\n${outcome}`;
    const known = all.get(key);
    if (known !== undefined) return known;
    // Backends come and go while it runs: once there are so many, new ones tell no models apart.
    if (all.size >= mostSeries) names = createBoundedNames(0);
    const series: CallSeries = {
      capability,
      type,
      backend,
      requestModel,
      responseModel,
      outcome,
      durationSeconds: createTally(bounds.durationSeconds),
      firstTokenSeconds: createTally(bounds.firstTokenSeconds),
      outputTokenSeconds: createTally(bounds.outputTokenSeconds),
      inputTokens: createTally(bounds.tokens),
      outputTokens: createTally(bounds.tokens),
    };
    all.set(key, series);
    return series;
  }

  function countOne(trace: Trace): void {
    const series = seriesOf(trace);
    const { begunMs, endedMs, usage, outcome } = trace;
    series.durationSeconds.add(endedMs / 1_000);
    const inputTokens = figureOf(usage?.inputTokens);
    const outputTokens = figureOf(usage?.outputTokens);
    if (inputTokens !== undefined) series.inputTokens.add(inputTokens);
    if (outputTokens !== undefined) series.outputTokens.add(outputTokens);
    if (begunMs !== undefined && outcome === "done") {
      series.firstTokenSeconds.add(begunMs / 1_000);
      const later = (outputTokens ?? 0) - 1;
      if (later > 0) series.outputTokenSeconds.add((endedMs - begunMs) / 1_000 / later);
    }
    for (const step of trace.steps) {
      if (step.did !== "tried") continue;
      count(attempts, step.target.slice(0, step.target.indexOf("/")), step.outcome ?? outcome);
    }
  }

  function countGathered(): void {
    const traces = gathered;
    gathered = [];
    for (const trace of traces) countOne(trace);
  }

  return {
    get attempts() {
      countGathered();
      return attempts;
    },
    get series() {
      countGathered();
      return all.values();
    },
    add(trace) {
      if (gathered.push(trace) >= mostGathered) countGathered();
    },
  };
}

/** Counts one more in a table of two keys. */
export function count(table: Map<string, Map<string, number>>, row: string, column: string): void {
  let counts = table.get(row);
  if (counts === undefined) table.set(row, (counts = new Map()));
  counts.set(column, (counts.get(column) ?? 0) + 1);
}
