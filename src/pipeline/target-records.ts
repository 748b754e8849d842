/** How a target has done lately: recent calls count more. */
export interface TargetRecord {
  /** Share of calls that succeeded, 0 to 1. */
  readonly successRate: number;
  /** Until the first event, or the whole answer where there are none, in milliseconds; undefined until one succeeded. */
  readonly latencyMs: number | undefined;
  /** How many calls this is known from. */
  readonly calls: number;
  /** The code of what went wrong last, where the last call failed. No message: it may repeat what was said. */
  readonly problem: string | undefined;
  /** When the last call ended, on the clock of `performance.now()`. */
  readonly endedAt: number;
}

/** The records of a backend's models. */
export interface TargetRecords {
  of(model: string): TargetRecord | undefined;
  readonly all: ReadonlyMap<string, TargetRecord>;
  succeeded(model: string, latencyMs: number | undefined): void;
  failed(model: string, problem: string): void;
  /** Their backend is back: earlier failures say nothing any more. */
  forgive(): void;
}

/** How much the latest call counts against all before it; the first few count alike. */
const weightOfLatest = 0.2;
const mostRecords = 1_000;

/** `onChange` hears of every call that was counted. */
export function createTargetRecords(
  onChange?: (model: string, record: TargetRecord) => void,
): TargetRecords {
  const all = new Map<string, TargetRecord>();

  function write(model: string, success: 0 | 1, latencyMs?: number, problem?: string): void {
    const former = all.get(model);
    const known = former?.latencyMs;
    const calls = (former?.calls ?? 0) + 1;
    const record: TargetRecord = {
      successRate: blend(former?.successRate, success, Math.max(weightOfLatest, 1 / calls)),
      latencyMs: latencyMs === undefined ? known : blend(known, latencyMs, weightOfLatest),
      calls,
      problem,
      endedAt: performance.now(),
    };
    // Who may name any model must not fill the memory: the oldest goes.
    if (former === undefined && all.size >= mostRecords) all.delete(all.keys().next().value ?? "");
    all.set(model, record);
    onChange?.(model, record);
  }

  return {
    of: (model) => all.get(model),
    all,
    succeeded: (model, latencyMs) => write(model, 1, latencyMs),
    failed: (model, problem) => write(model, 0, undefined, problem),
    forgive() {
      for (const [model, record] of all)
        all.set(model, { ...record, successRate: 1, problem: undefined });
    },
  };
}

function blend(former: number | undefined, latest: number, weight: number): number {
  return former === undefined ? latest : former + weight * (latest - former);
}
