import type { ModelyardError } from "../contract/errors.ts";

/** `open`: the target is left alone; `half-open`: one call may try it; `recovering`: its share of the calls grows again. */
export type CircuitState = "closed" | "open" | "half-open" | "recovering";

/** When a target that keeps failing is left alone. */
export interface CircuitSettings {
  /** So many failures in a row. */
  readonly failures: number;
  /** This share of the latest calls, 0 to 1. */
  readonly failureRate: number;
  /** For how long, in milliseconds. */
  readonly cooldownMs: number;
}

/** Why a target is not to be asked now. */
export interface Refusal {
  /** In words that follow the target's name. */
  readonly reason: string;
  /** When to ask again, in milliseconds. */
  readonly retryAfterMs: number;
  /** What it failed with last. */
  readonly cause: ModelyardError | undefined;
}

/** Remembers of one target whether it is worth asking. */
export interface Circuit {
  readonly state: CircuitState;
  /** Takes a call in, or says why not. `hasOthers`: who is sent away has another target to go to. */
  admit(hasOthers: boolean): Refusal | undefined;
  /** A call has begun to be answered: the target is there again. */
  begun(): void;
  succeeded(): void;
  failed(error: ModelyardError): void;
  /** A call has ended that says nothing of the target. */
  forgotten(): void;
  /** The target asks to be left alone for so many milliseconds; it is, for as long as a cool-down at most. */
  pause(error: ModelyardError, forMs: number): void;
  /** The target's backend is well again: it may be tried at once. */
  recover(): void;
}

/** The circuits of a backend, by model. */
export interface Circuits {
  of(model: string): Circuit;
  /** Those that have been used. */
  readonly all: ReadonlyMap<string, Circuit>;
}

export interface CircuitOptions extends CircuitSettings {
  /** A circuit is in another state than it was. */
  readonly onChange?: (model: string, state: CircuitState) => void;
  /** Milliseconds on any clock that goes forward. */
  readonly now?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
}

export function createCircuits({ onChange, ...options }: CircuitOptions): Circuits {
  const all = new Map<string, Circuit>();
  return {
    all,
    of(model) {
      const known = all.get(model);
      if (known !== undefined) return known;
      // Who may name any model must not fill the memory.
      if (all.size >= mostCircuits) dropClosed(all);
      const circuit = createCircuit({ ...options, onChange: (state) => onChange?.(model, state) });
      all.set(model, circuit);
      return circuit;
    },
  };
}

const mostCircuits = 1_000;
/** The failure rate is that of so many latest calls, and says nothing of fewer than half as many. */
const windowSize = 20;
/** How long a recovered target takes to bear its whole share again, in milliseconds, and what it begins with. */
const longestSlowStartMs = 10_000;
const firstShare = 0.1;

function dropClosed(all: Map<string, Circuit>): void {
  for (const [model, { state }] of all) if (state === "closed") all.delete(model);
}

interface OneCircuitOptions extends Omit<CircuitOptions, "onChange"> {
  readonly onChange: (state: CircuitState) => void;
}

function createCircuit({
  failures,
  failureRate,
  cooldownMs,
  onChange,
  now = () => performance.now(),
  random = Math.random,
}: OneCircuitOptions): Circuit {
  const slowStartMs = Math.min(cooldownMs, longestSlowStartMs);
  let state: CircuitState = "closed";
  let inARow = 0;
  /** Of the latest calls, which failed: a ring. */
  let latest: boolean[] = [];
  let place = 0;
  let opensUntil = 0;
  let recoversUntil = 0;
  /** A call is out that decides whether a half-open circuit closes. */
  let trying = false;
  let last: ModelyardError | undefined;
  let paused: { error: ModelyardError; until: number } | undefined;

  function become(next: CircuitState): void {
    if (next === state) return;
    state = next;
    onChange(next);
  }

  function count(hasFailed: boolean): void {
    latest[place] = hasFailed;
    place = (place + 1) % windowSize;
    inARow = hasFailed ? inARow + 1 : 0;
  }

  function isTooBad(): boolean {
    if (inARow >= failures) return true;
    const failed = latest.filter(Boolean).length;
    return latest.length >= windowSize / 2 && failed >= failureRate * latest.length;
  }

  function open(): void {
    opensUntil = now() + cooldownMs;
    trying = false;
    become("open");
  }

  function close(): void {
    trying = false;
    inARow = 0;
    latest = [];
    place = 0;
    recoversUntil = now() + slowStartMs;
    become("recovering");
  }

  function left(until: number): number {
    return Math.max(1, Math.ceil(until - now()));
  }

  function refuse(reason: string, retryAfterMs: number, cause = last): Refusal {
    return { reason, retryAfterMs, cause };
  }

  return {
    get state() {
      return state;
    },

    admit(hasOthers) {
      if (paused !== undefined) {
        const { error, until } = paused;
        if (now() + timerSlackMs < until)
          return refuse("asked to be left alone", left(until), error);
        paused = undefined;
      }
      if (state === "closed") return undefined;
      if (state === "open") {
        if (now() < opensUntil) return refuse(`is left alone after failures`, left(opensUntil));
        become("half-open");
      }
      if (state === "half-open") {
        if (trying) return refuse("is being tried by another call after failures", trialMs);
        trying = true;
        return undefined;
      }
      const toGo = (recoversUntil - now()) / slowStartMs;
      if (toGo <= 0) become("closed");
      else if (hasOthers && random() > 1 - toGo * (1 - firstShare))
        return refuse("has just come back, and is spared", left(recoversUntil));
      return undefined;
    },

    begun() {
      if (state === "half-open") close();
    },

    succeeded() {
      if (state === "half-open") close();
      else count(false);
    },

    failed(error) {
      last = error;
      if (state === "half-open") return open();
      count(true);
      if (state !== "open" && isTooBad()) open();
    },

    forgotten() {
      trying = false;
    },

    pause(error, forMs) {
      trying = false;
      paused = { error, until: now() + Math.min(forMs, cooldownMs) };
    },

    recover() {
      if (state === "open") opensUntil = now();
    },
  };
}

/** A timer may fire as much too early: who has waited as long as they were asked to is not sent away again. */
const timerSlackMs = 5;
/** How soon to come back to a target that somebody else is trying, in milliseconds. */
const trialMs = 1_000;
