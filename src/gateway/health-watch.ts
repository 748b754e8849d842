import type { Health } from "../contract/backend.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { healthLimit } from "./health-limit.ts";

/** Asks one backend for its health again and again, once it has begun to matter. */
export interface HealthWatch {
  /** What was found last, and when (on the clock of `performance.now()`); undefined until then. */
  readonly latest: { readonly health: Health; readonly at: number } | undefined;
  /** Begins, unless it has. */
  begin(): void;
  /** Asks at once: something has just gone wrong. */
  hurry(): void;
  stop(): void;
}

export interface HealthWatchOptions {
  /** Asks; it costs no token. */
  probe(signal: AbortSignal): Promise<Health>;
  privacy(): Promise<PrivacyClass>;
  /** When calls told last that it is well, on the clock of `performance.now()`; undefined where they tell something else now. */
  wellAt(): number | undefined;
  /** It was asked, or need not be. `former`: what was found before. */
  onLook(health: Health | undefined, former: Health | undefined): void;
  /** 0 to 1. */
  readonly random?: () => number;
}

/**
 * The pause after a change, and the longest one while nothing does, in milliseconds: what is near is cheap to ask, and dies more often.
 * With its jitter the longest stays below 2 s for what runs on this device.
 */
const pacesMs: Readonly<Record<PrivacyClass, { first: number; longest: number }>> = {
  device: { first: 1_000, longest: 1_800 },
  network: { first: 2_000, longest: 15_000 },
  remote: { first: 15_000, longest: 60_000 },
};
const backOff = 1.5;
/** A pause is up to this share shorter or longer: gateways that began together must not ask together. */
const jitter = 0.1;
const probeLimitMs = 5_000;
/** A storm of failures is no reason to ask more often than this, in milliseconds. */
const hurryMs = 250;

export function createHealthWatch(options: HealthWatchOptions): HealthWatch {
  const { probe, privacy, wellAt, onLook, random = Math.random } = options;
  let latest: HealthWatch["latest"];
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let begun = false;
  let lookedAt = 0;
  let hurriedAt = Number.NEGATIVE_INFINITY;
  let pauseMs = 0;
  const stopped = new AbortController();

  async function ask(): Promise<void> {
    if (probing || stopped.signal.aborted) return;
    probing = true;
    clearTimeout(timer);
    const health = await probe(AbortSignal.any([stopped.signal, healthLimit(probeLimitMs)]));
    const former = latest?.health;
    if (former?.status !== health.status) pauseMs = 0;
    latest = { health, at: performance.now() };
    await goOn();
    if (!stopped.signal.aborted) onLook(health, former);
  }

  /** Asks, unless calls tell already. */
  function look(): Promise<void> {
    const told = wellAt();
    if (told === undefined || told <= lookedAt) return ask();
    probing = true;
    onLook(undefined, latest?.health);
    // The pause begins with what was told, or it would be twice as long until a death is seen.
    return goOn(told);
  }

  async function goOn(since?: number): Promise<void> {
    const { first, longest } = pacesMs[await privacy()];
    probing = false;
    lookedAt = since ?? performance.now();
    if (stopped.signal.aborted) return;
    pauseMs = Math.min(longest, Math.max(first, pauseMs * backOff));
    const jittered = pauseMs * (1 - jitter + 2 * jitter * random());
    clearTimeout(timer);
    const restMs = Math.max(0, jittered - (performance.now() - lookedAt));
    timer = setTimeout(() => void look(), restMs).unref();
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
    hurry() {
      const now = performance.now();
      if (now - hurriedAt < hurryMs) return;
      hurriedAt = now;
      pauseMs = 0;
      void ask();
    },
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
