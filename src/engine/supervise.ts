import { ModelyardError } from "../contract/errors.ts";
import type { Interest } from "../contract/progress.ts";
import { createSharedWorks } from "../contract/shared-works.ts";
import type { EngineSource } from "./ask-engine.ts";
import { describeDeath, howItDied, type Death } from "./describe-death.ts";
import type { EngineOptions, EngineProcess } from "./engine-process.ts";

export interface SupervisorOptions {
  readonly name: string;
  /** How long an engine with nothing loaded and nothing to do lives on; `Infinity`: until it is closed. */
  readonly idleMs: number;
  /** How long an engine that was asked to go may take. */
  readonly stopMs: number;
  /** Starts a child process. */
  start(
    interest: Interest,
    events: Pick<EngineOptions, "onIdle" | "onDeath">,
  ): Promise<EngineProcess>;
  /** The engine died, and with it all that was loaded. */
  onLost(): void;
}

/** Keeps at most one child process: started on first need, stopped when idle, started anew after a death, though never in a hot loop. */
export interface Supervisor extends EngineSource {
  /** The child that runs now, if one does. */
  current(): EngineProcess | undefined;
  /** The models that the child has in memory. */
  readonly loaded: ReadonlySet<string>;
  setLoaded(model: string, isLoaded: boolean): void;
  /** Stops the child, for good. */
  close(): Promise<void>;
}

/** A death this soon after the start, with no call answered, counts as one of a series. */
const quickMs = 10_000;
/** So many of a series are followed by a start at once; from then on there is a pause, doubled each time. */
const freeDeaths = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export function supervise({ name, idleMs, stopMs, start, onLost }: SupervisorOptions): Supervisor {
  const loaded = new Set<string>();
  const leaving = new Set<Promise<void>>();
  const closing = new AbortController();
  let engine: EngineProcess | undefined;
  let startedMs = 0;
  let quickDeaths = 0;
  let lastDeath: Death | undefined;
  let pausedUntilMs = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  function onDeath(death: Death): void {
    quickDeaths = performance.now() - startedMs < quickMs ? quickDeaths + 1 : 1;
    lastDeath = death;
    const pauses = quickDeaths - freeDeaths;
    pausedUntilMs =
      pauses < 0 ? 0 : performance.now() + Math.min(firstPauseMs * 2 ** pauses, longestPauseMs);
    clearTimeout(idleTimer);
    const wasRunning = engine !== undefined;
    engine = undefined;
    loaded.clear();
    if (wasRunning) onLost();
  }

  function leave(limitMs: number): void {
    const leaver = engine;
    clearTimeout(idleTimer);
    engine = undefined;
    loaded.clear();
    if (leaver === undefined) return;
    const gone = leaver.stop(limitMs).then(() => void leaving.delete(gone));
    leaving.add(gone);
  }

  function isIdle(): boolean {
    return engine?.busy === 0 && loaded.size === 0;
  }

  function watchIdle(): void {
    clearTimeout(idleTimer);
    if (!isIdle() || idleMs === Number.POSITIVE_INFINITY) return;
    idleTimer = setTimeout(() => {
      if (isIdle()) leave(stopMs);
    }, idleMs);
    idleTimer.unref();
  }

  const starts = createSharedWorks<EngineProcess>();

  async function startOnce(interest: Interest): Promise<EngineProcess> {
    const signal = AbortSignal.any([interest.signal, closing.signal]);
    startedMs = performance.now();
    const started = await start(
      { signal, progress: (event) => interest.progress(event) },
      { onIdle: watchIdle, onDeath },
    );
    engine = started;
    if (signal.aborted) leave(0);
    signal.throwIfAborted();
    watchIdle();
    return started;
  }

  function refuse(): void {
    if (closing.signal.aborted) {
      throw new ModelyardError("backend-unavailable", `The process of ${name} is shut down.`, {
        backend: name,
      });
    }
    const retryAfterMs = Math.ceil(pausedUntilMs - performance.now());
    if (retryAfterMs <= 0 || lastDeath === undefined) return;
    const { remedy, details } = describeDeath(name, lastDeath, false);
    throw new ModelyardError(
      "backend-unavailable",
      `The process of ${name} ended ${quickDeaths} times in a row, soon after its start: it ${howItDied(lastDeath)}. It may be started again in ${Math.ceil(retryAfterMs / 1000)} s.`,
      { backend: name, retryAfterMs, remedy, details },
    );
  }

  return {
    loaded,
    current: () => engine,
    running(interest) {
      if (engine !== undefined) return engine;
      refuse();
      return starts.join("start", interest, startOnce);
    },
    setLoaded(model, isLoaded) {
      if (isLoaded && engine !== undefined) loaded.add(model);
      else loaded.delete(model);
      watchIdle();
    },
    answered() {
      quickDeaths = 0;
    },
    async close() {
      closing.abort(
        new ModelyardError("cancelled", `The process of ${name} is shutting down.`, {
          backend: name,
        }),
      );
      leave(stopMs);
      await Promise.all(leaving);
    },
  };
}
