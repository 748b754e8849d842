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
  /** It works, and only its share of the calls is kept small: who has nowhere else to go is taken in. */
  readonly spared: boolean;
}

/** A call that was let in, which tells what came of it. Only the one that tries a half-open circuit decides about it. */
export interface Admission {
  /** It has begun to be answered: the target is there again. */
  begun(): void;
  succeeded(): void;
  failed(error: ModelyardError): void;
  /** It has ended and says nothing of the target. */
  forgotten(): void;
  /** The target asks to be left alone for so many milliseconds; it is, for as long as a cool-down at most. */
  pause(error: ModelyardError, forMs: number): void;
}

/** Remembers of one target whether it is worth asking. */
export interface Circuit {
  readonly state: CircuitState;
  /** Whether a call would be sent away now, whatever else it may go to. */
  readonly refuses: boolean;
  /** Takes a call in, or says why not. `hasOthers`: who is sent away has another target to go to. */
  admit(hasOthers: boolean): Admission | Refusal;
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
      if (all.size >= mostCircuits) makeRoom(all);
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

/** Those that are closed are as good as new; where there are none, the oldest goes. */
function makeRoom(all: Map<string, Circuit>): void {
  for (const [model, { state, refuses }] of all)
    if (state === "closed" && !refuses) all.delete(model);
  if (all.size >= mostCircuits) all.delete(all.keys().next().value ?? "");
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
  /** The call that is out to decide whether a half-open circuit closes, and how long others wait for that: it may itself wait long. */
  let trial: Admission | undefined;
  let trialUntil = 0;
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
    trial = undefined;
    become("open");
  }

  function close(): void {
    trial = undefined;
    inARow = 0;
    latest = [];
    place = 0;
    recoversUntil = now() + slowStartMs;
    become("recovering");
  }

  function left(until: number): number {
    return Math.max(1, Math.ceil(until - now()));
  }

  function refuse(reason: string, retryAfterMs: number, { cause = last, spared = false } = {}) {
    return { reason, retryAfterMs, cause, spared };
  }

  function isPaused(): boolean {
    if (paused !== undefined && now() + timerSlackMs >= paused.until) paused = undefined;
    return paused !== undefined;
  }

  function pause(error: ModelyardError, forMs: number): void {
    const until = now() + Math.min(forMs, cooldownMs);
    // Several may be told so at once: the longest pause is meant.
    if (paused === undefined || until > paused.until) paused = { error, until };
  }

  /** Any call of a circuit that is not half-open. What one says that was sent before the circuit opened comes too late to count. */
  const usual: Admission = {
    begun() {},
    succeeded() {
      if (state === "closed" || state === "recovering") count(false);
    },
    failed(error) {
      last = error;
      if (state !== "closed" && state !== "recovering") return;
      count(true);
      if (isTooBad()) open();
    },
    forgotten() {},
    pause,
  };

  function isBeingTried(): boolean {
    return trial !== undefined && now() < trialUntil;
  }

  /** A call that tries a half-open circuit; once that is decided it is a call as any other. */
  function tryOut(): Admission {
    const isTrial = () => trial === admission;
    const admission: Admission = {
      begun() {
        if (state === "half-open") close();
      },
      succeeded() {
        if (state === "half-open") close();
        else usual.succeeded();
      },
      failed(error) {
        const decides = isTrial();
        if (decides) open();
        else usual.failed(error);
        last = error;
      },
      forgotten() {
        if (isTrial()) trial = undefined;
      },
      pause(error, forMs) {
        admission.forgotten();
        pause(error, forMs);
      },
    };
    trial = admission;
    trialUntil = now() + cooldownMs;
    return admission;
  }

  return {
    get state() {
      // Only the next call brings it about.
      return state === "recovering" && now() >= recoversUntil ? "closed" : state;
    },

    get refuses() {
      if (isPaused()) return true;
      return state === "open" ? now() < opensUntil : isBeingTried();
    },

    admit(hasOthers) {
      if (isPaused() && paused !== undefined)
        return refuse("asked to be left alone", left(paused.until), { cause: paused.error });
      if (state === "closed") return usual;
      if (state === "open") {
        if (now() < opensUntil) return refuse("is left alone after failures", left(opensUntil));
        become("half-open");
      }
      if (state === "half-open") {
        if (!isBeingTried()) return tryOut();
        return refuse("is being tried by another call after failures", trialMs);
      }
      const toGo = (recoversUntil - now()) / slowStartMs;
      if (toGo <= 0) become("closed");
      else if (hasOthers && random() > 1 - toGo * (1 - firstShare))
        return refuse("has just come back, and is spared", left(recoversUntil), { spared: true });
      return usual;
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
