import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { BackendEntry } from "../../gateway/api.ts";
import { addCallHistograms } from "./call-histograms.ts";
import type { Counts } from "./register-metrics.ts";

type Labels = Record<string, string>;
type Values = Iterable<readonly [labels: Labels, value: number]>;

/** Of a backend's models that are left alone, so many are named. */
const mostNamed = 50;
const healths = ["healthy", "degraded", "unhealthy", "unknown"] as const;

/** This process's own figures: one watch over it, however many servers run in it. */
let ofProcess: Registry | undefined;

/** Gives what `/metrics` answers, as things stand when it is called. */
export function createExposition(
  counts: Counts,
  readBackends: () => Promise<readonly BackendEntry[]>,
): () => Promise<string> {
  const registry = new Registry();
  let backends: readonly BackendEntry[] = [];

  function add(
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Values,
  ): void {
    const metric = new Kind({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
    registry.registerMetric(metric);
  }

  const of = (read: (entry: BackendEntry) => number) => () =>
    backends.map((entry) => [{ backend: entry.name }, read(entry)] as const);
  const calls = () => [...counts.calls.series];

  addCallHistograms(registry, counts.calls);
  add(
    Counter,
    "modelyard_calls_total",
    "Calls that have ended, by what became of them.",
    ["capability", "backend", "outcome"],
    () =>
      calls().map(({ capability, backend, outcome, durationSeconds }) => [
        { capability, backend, outcome },
        sum(durationSeconds.counts),
      ]),
  );
  add(
    Counter,
    "modelyard_errors_total",
    "Calls that have failed, by the code of the error.",
    ["backend", "code"],
    () =>
      calls()
        .filter(({ outcome }) => outcome !== "done" && outcome !== "abandoned")
        .map(({ backend, outcome, durationSeconds }) => [
          { backend, code: outcome },
          sum(durationSeconds.counts),
        ]),
  );
  add(
    Counter,
    "modelyard_attempts_total",
    "Tries of a target: a call may make several.",
    ["backend", "outcome"],
    table(counts.calls.attempts, "outcome"),
  );
  add(
    Gauge,
    "modelyard_calls_running",
    "Calls at work.",
    ["backend"],
    of(({ running }) => running),
  );
  add(
    Gauge,
    "modelyard_calls_waiting",
    "Calls that wait for their turn.",
    ["backend"],
    of(({ waiting }) => waiting),
  );
  add(
    Gauge,
    "modelyard_backend_health",
    "1 for the status that a backend has, 0 for the others.",
    ["backend", "status"],
    () =>
      backends.flatMap(({ name, health }) =>
        healths.map((status) => [{ backend: name, status }, status === health ? 1 : 0] as const),
      ),
  );
  add(
    Counter,
    "modelyard_health_changes_total",
    "How often a backend came into this status.",
    ["backend", "status"],
    table(counts.healthChanges, "status"),
  );
  add(
    Gauge,
    "modelyard_circuit_state",
    "1 for each model that is not asked as usual, with the state of its circuit.",
    ["backend", "model", "state"],
    () =>
      backends.flatMap(({ name, circuits = {} }) =>
        Object.entries(circuits)
          .slice(0, mostNamed)
          .map(([model, state]) => [{ backend: name, model, state }, 1] as const),
      ),
  );
  add(
    Counter,
    "modelyard_circuit_changes_total",
    "How often a circuit of a backend came into this state.",
    ["backend", "state"],
    table(counts.circuitChanges, "state"),
  );
  add(
    Gauge,
    "modelyard_memory_bytes",
    "What loaded models take in memory, as far as it is known.",
    ["backend"],
    of(({ memoryBytes = 0 }) => memoryBytes),
  );

  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: 50 });
  }
  const own = ofProcess;

  return async () => {
    backends = await readBackends();
    return `${await registry.metrics()}\n${await own.metrics()}`;
  };
}

/** A table of counts, by backend and by what its columns are. */
function table(rows: ReadonlyMap<string, ReadonlyMap<string, number>>, column: string) {
  return () =>
    [...rows].flatMap(([backend, cells]) =>
      [...cells].map(([name, value]) => [{ backend, [column]: name }, value] as const),
    );
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}
