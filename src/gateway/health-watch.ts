import type { Health } from "../contract/backend.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { healthLimit } from "./health-limit.ts";

/** Asks one backend for its health again and again, once it has begun to matter. */
export interface HealthWatch {
  /** What was found last; undefined until then. */
  readonly latest: Health | undefined;
  /** Begins, unless it has. */
  begin(): void;
  /** Asks at once: something has just gone wrong. */
  hurry(): void;
  stop(): void;
}

export interface HealthWatchOptions {
  probe(signal: AbortSignal): Promise<Health>;
  privacy(): Promise<PrivacyClass>;
  /** Its status is another one than before. */
  onChange(health: Health): void;
}

/** Between two probes, in milliseconds: what is near is cheap to ask, and dies more often. */
const paceMs: Readonly<Record<PrivacyClass, number>> = {
  device: 1_000,
  network: 2_000,
  remote: 30_000,
};
const probeLimitMs = 5_000;

export function createHealthWatch({ probe, privacy, onChange }: HealthWatchOptions): HealthWatch {
  let latest: Health | undefined;
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let begun = false;
  const stopped = new AbortController();

  async function ask(): Promise<void> {
    if (probing || stopped.signal.aborted) return;
    probing = true;
    clearTimeout(timer);
    const health = await probe(AbortSignal.any([stopped.signal, healthLimit(probeLimitMs)]));
    const pace = paceMs[await privacy()];
    probing = false;
    if (stopped.signal.aborted) return;
    const changed = latest?.status !== health.status;
    latest = health;
    if (changed) onChange(health);
    timer = setTimeout(() => void ask(), pace).unref();
  }

  return {
    get latest() {
      return latest;
    },
    begin() {
      if (begun) return;
      begun = true;
      void ask();
    },
    hurry: () => void ask(),
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
