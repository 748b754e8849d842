import type { Circuits } from "../pipeline/circuits.ts";
import type { TargetRecord, TargetRecords } from "../pipeline/target-records.ts";
import { assessTarget, type HealthReport } from "./assess-target.ts";

/** How a backend's models are, as calls tell: while these are fresh, they decide. */
export interface TrafficHealth {
  /** When a target that is well answered last, on the clock of `performance.now()`. */
  readonly wellAt: number;
  /** Of all together: undefined where there were no calls lately. */
  current(): HealthReport | undefined;
  /** Of one target. */
  of(model: string): HealthReport | undefined;
  /** A call to it was counted, or its circuit has changed. Called for each call: it costs next to nothing while all is well. */
  changed(model: string): void;
  /** The backend is back: what failed before says nothing any more. */
  forgive(): void;
}

export interface TrafficHealthOptions {
  readonly records: TargetRecords;
  readonly circuits: Circuits;
  /** For how long an open circuit keeps its target from being asked, in milliseconds. */
  readonly cooldownMs: number;
  /** Answers that usually begin later than this come late, in milliseconds. */
  readonly slowMs: number;
  /** A target is in another state than it was. */
  onChange(model: string, health: HealthReport): void;
  /** A call was counted. `isWell`: all that was called lately is. */
  onLook(isWell: boolean): void;
}

/** For how long calls tell how a target is, in milliseconds. */
export const freshMs = 30_000;

export function createTrafficHealth(options: TrafficHealthOptions): TrafficHealth {
  const { records, circuits, cooldownMs, slowMs, onChange, onLook } = options;
  /** Those alone that are not well. */
  const troubled = new Map<string, HealthReport>();
  let wellAt = Number.NEGATIVE_INFINITY;

  function isFresh(model: string, { endedAt }: TargetRecord): boolean {
    const isOpen = circuits.all.get(model)?.state === "open";
    return performance.now() - endedAt < (isOpen ? Math.max(freshMs, cooldownMs) : freshMs);
  }

  function become(model: string, health: HealthReport): void {
    const former = troubled.get(model)?.status ?? "healthy";
    if (health.status === "healthy" || health.status === "unknown") troubled.delete(model);
    else troubled.set(model, health);
    if (former !== health.status) onChange(model, health);
  }

  /** Those that are still troubled; what is old tells nothing any more. */
  function stillTroubled(): HealthReport[] {
    return [...troubled].flatMap(([model, health]) => {
      const record = records.of(model);
      if (record !== undefined && isFresh(model, record)) return [health];
      become(model, { status: "unknown", reason: "It was not called lately." });
      return [];
    });
  }

  return {
    get wellAt() {
      return wellAt;
    },

    current() {
      const ill = stillTroubled();
      const isWell = performance.now() - wellAt < freshMs;
      if (ill.length === 0) return isWell ? { status: "healthy" } : undefined;
      const worst = ill.find(({ status }) => status === "unhealthy") ?? ill[0]!;
      return isWell ? { ...worst, status: "degraded" } : worst;
    },

    of(model) {
      const record = records.of(model);
      if (record === undefined || !isFresh(model, record)) return undefined;
      return troubled.get(model) ?? { status: "healthy" };
    },

    changed(model) {
      const record = records.of(model);
      // A circuit that changes long after the last call says what the call that it lets in will tell.
      if (record === undefined || !isFresh(model, record)) return;
      const health = assessTarget(record, circuits.all.get(model)?.state, slowMs);
      if (health.status === "healthy") wellAt = record.endedAt;
      if (health.status !== "healthy" || troubled.size > 0) become(model, health);
      onLook(health.status === "healthy" && troubled.size === 0);
    },

    forgive() {
      records.forgive();
      for (const circuit of circuits.all.values()) circuit.recover();
      for (const model of troubled.keys()) become(model, { status: "healthy" });
    },
  };
}
