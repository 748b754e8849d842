import type { Log } from "../contract/backend.ts";
import type { AnyCapability, AnyEvent, AnyHandler } from "../contract/capability.ts";
import type { ErrorCode, ModelyardError } from "../contract/errors.ts";
import type { Secrets } from "../contract/http/secrets.ts";
import type { Interest } from "../contract/progress.ts";

/** Where a call may go. */
export interface Target {
  readonly backend: string;
  readonly model: string;
  readonly version?: string;
}

/** Limits in time, in milliseconds; no limit where left out. */
export interface Timeouts {
  /** Until the first event. */
  readonly firstTokenMs?: number | undefined;
  /** Between two events. */
  readonly idleMs?: number | undefined;
  /** Until a connection stands; the backend's own `fetch` sees to it. */
  readonly connectMs?: number | undefined;
  /** One try, from its first byte to its end. */
  readonly totalMs?: number | undefined;
}

/** What the pipeline needs of a running backend. The gateway gives it; a call keeps the one it began with. */
export interface TargetBackend {
  readonly name: string;
  readonly timeouts: Timeouts;
  /** How many calls may run at once, and how many may wait. */
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** What its requests carry, to be blotted out wherever it is repeated. */
  readonly secrets: Pick<Secrets, "redact" | "redactError">;
  /** A call to it has failed. */
  failed(error: ModelyardError): void;
  /**
   * Starts the backend, pulls and loads the model where needed, and holds it in memory until `release` is called.
   * @throws `capability-not-supported`, `model-not-found`, and what starting, pulling and loading throw
   */
  prepare(
    capability: AnyCapability,
    model: string,
    interest: Interest,
  ): Promise<Prepared> | Prepared;
}

/** A model that is ready to be asked. */
export interface Prepared {
  /** Native or derived. */
  readonly handler: AnyHandler;
  readonly release: Release;
}

export type Release = () => void;

/** One call on its way. Middleware may pass on a copy with other fields. */
export interface Call extends Interest {
  readonly id: string;
  readonly capability: AnyCapability;
  readonly request: unknown;
  readonly target: Target;
  readonly backend: TargetBackend;
  /** Ends what this call's signal stands for: everything, or (inside `timeout`) this try. */
  abort(reason: ModelyardError): void;
  /** Set by `prepare`. */
  readonly handler?: AnyHandler;
  /** Whether the caller sees events as they come. */
  readonly stream: boolean;
  /** Everything from first to last, in milliseconds; no limit where left out. */
  readonly timeoutMs?: number | undefined;
  readonly warnings: string[];
  /** Hears of a try's events; set by middleware that watches time. */
  readonly watch?: Watch;
}

/** Hears when an event is asked of the backend, and when it comes: called for each event, so keep it cheap. */
export interface Watch {
  asked(): void;
  /** The backend told progress: it is slow, not dead. */
  alive(): void;
  arrived(event: AnyEvent): void;
}

/** How an answer ended. `abandoned`: the caller stopped reading. */
export type Outcome = "done" | "abandoned" | ErrorCode;

/** An answer that has begun. Middleware that holds something until its end says so with `onEnd`. */
export interface Reply {
  readonly target: Target;
  /** Set where the caller streams: the events, to be read once. Ending the iteration early stops the work upstream. */
  readonly events?: AsyncIterableIterator<AnyEvent>;
  /** Set where the caller does not stream: the whole answer. */
  readonly result?: unknown;
  /** Calls `listener` once the answer has ended, at once if it has already. */
  onEnd(listener: (outcome: Outcome) => void): void;
}

/** Settles once the answer has begun to reach the caller: until then it can be tried again, from then on nothing can be taken back. */
export type Next = (call: Call) => Promise<Reply>;

export type Middleware = (call: Call, next: Next) => Promise<Reply>;
