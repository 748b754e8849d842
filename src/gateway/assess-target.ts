import type { CircuitState } from "../pipeline/circuits.ts";
import type { TargetRecord } from "../pipeline/target-records.ts";
import type { HealthStatus } from "./api.ts";

/** How something is, and why where that is not well. `unknown`: neither calls nor probes tell. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly reason?: string;
}

/** Of a target's latest calls, the share that may fail before it is no more well, and before it is ill. */
const wellRate = 0.9;
const illRate = 0.5;
/** Fewer calls than this do not make it ill. */
const fewestCalls = 3;

/** How a target is, as its latest calls tell. `slowMs`: answers that usually begin later than this come late. */
export function assessTarget(
  { successRate, latencyMs, calls, problem }: TargetRecord,
  circuit: CircuitState | undefined,
  slowMs: number,
): HealthReport {
  const last = problem === undefined ? "" : `; the last: ${problem}`;
  if (circuit === "open")
    return { status: "unhealthy", reason: `It is left alone after failures${last}` };
  // Each try that fails would make it better and worse again.
  if (circuit === "half-open")
    return { status: "unhealthy", reason: `It is being tried again after failures${last}` };
  if (successRate < wellRate) {
    const share = Math.round(100 * (1 - successRate));
    // One that has just answered works.
    const isIll = problem !== undefined && successRate < illRate && calls >= fewestCalls;
    const status = isIll ? "unhealthy" : "degraded";
    return { status, reason: `Of its latest calls ${share} % failed${last}` };
  }
  if (latencyMs !== undefined && latencyMs > slowMs) {
    const [begun, late] = [latencyMs, slowMs].map(inSeconds);
    return { status: "degraded", reason: `Answers begin after ${begun} (late: ${late}).` };
  }
  return { status: "healthy" };
}

function inSeconds(ms: number): string {
  const seconds = ms / 1_000;
  return `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} s`;
}
