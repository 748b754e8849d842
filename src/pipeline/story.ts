import type { Outcome, Target } from "./call.ts";

/** A target that was asked. Times are milliseconds since the call began. */
export interface TriedStep {
  readonly did: "tried";
  /** `backend/model`. */
  readonly target: string;
  readonly atMs: number;
  /** How long it then waited for a place at its backend; left out where it waited for none. */
  queuedMs?: number;
  /** When its first event came. */
  begunMs?: number;
  endedMs?: number;
  outcome?: Outcome;
  /** What went wrong. */
  reason?: string;
}

/** A target that was considered and not asked. */
export interface SkippedStep {
  readonly did: "skipped";
  readonly target: string;
  readonly atMs: number;
  readonly reason: string;
}

/** A pause before the same target is tried again. */
export interface WaitedStep {
  readonly did: "waited";
  readonly target: string;
  readonly atMs: number;
  /** Less than was meant where the call was given up. */
  waitMs: number;
}

export type Step = TriedStep | SkippedStep | WaitedStep;

/** What has been decided about a call, in the order it happened. It holds no word of what was asked or answered. */
export interface Story {
  readonly steps: readonly Step[];
  /** How often a target was asked. */
  readonly attempts: number;
  /** Milliseconds since the call began. */
  elapsedMs(): number;
  tried(target: Target): TriedStep;
  /** A try that came to nothing before its target was asked: it was none. */
  sentAway(step: TriedStep, reason: string): void;
  skipped(target: Target, reason: string): void;
  /** To be told how long it was when it is over. */
  waits(target: Target): WaitedStep;
}

export function createStory(): Story {
  return new CallStory();
}

/** A class, for every call has one: its methods are made once. */
class CallStory implements Story {
  readonly steps: Step[] = [];
  attempts = 0;
  readonly #startedAt = performance.now();

  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  tried(target: Target): TriedStep {
    const step: TriedStep = { did: "tried", target: nameOf(target), atMs: this.elapsedMs() };
    this.attempts += 1;
    this.steps.push(step);
    return step;
  }

  sentAway(step: TriedStep, reason: string): void {
    const { target, atMs } = step;
    this.steps[this.steps.indexOf(step)] = { did: "skipped", target, atMs, reason };
    this.attempts -= 1;
  }

  skipped(target: Target, reason: string): void {
    this.steps.push({ did: "skipped", target: nameOf(target), atMs: this.elapsedMs(), reason });
  }

  waits(target: Target): WaitedStep {
    const atMs = this.elapsedMs();
    const step: WaitedStep = { did: "waited", target: nameOf(target), atMs, waitMs: 0 };
    this.steps.push(step);
    return step;
  }
}

/** `backend/model`. */
export function nameOf({ backend, model }: Target): string {
  return `${backend}/${model}`;
}
