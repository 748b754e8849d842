import type { Log } from "../contract/backend.ts";
import type { BatchedIterator } from "../contract/batches.ts";
import type { AnyCapability, AnyEvent, AnyHandler } from "../contract/capability.ts";
import type { ErrorCode, ModelyardError } from "../contract/errors.ts";
import type { LimitedFetch } from "../contract/http/limited-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Secrets } from "../contract/http/secrets.ts";
import type { Interest } from "../contract/progress.ts";
import type { Usage } from "../contract/usage.ts";
import type { Circuits } from "./circuits.ts";
import type { HandlersAtWork } from "./handlers-at-work.ts";
import type { Places } from "./places.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Strategy } from "./order-candidates.ts";
import type { Story, TriedStep } from "./story.ts";
import type { TargetRecords } from "./target-records.ts";

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

/** How far a prompt travels; of a name that can't be resolved now, no more is certain than what is declared (`device` where nothing is). */
export type Reach = PrivacyClass | { readonly unresolved: true; readonly atLeast: PrivacyClass };

/** What the pipeline needs of a running backend. The gateway gives it; a call keeps the one it began with. */
export interface TargetBackend {
  readonly name: string;
  /** The kind of backend: `ollama`. */
  readonly type: string;
  readonly timeouts: Timeouts;
  /** How often one target is tried in all. */
  readonly attempts: number;
  /** Who works, who waits. */
  readonly places: Places;
  readonly circuits: Circuits;
  /** Its handlers, until they have wholly ended. */
  readonly handlersAtWork: HandlersAtWork;
  readonly retryBudget: RetryBudget;
  /** How its models have done lately. */
  readonly records: TargetRecords;
  readonly fetch: LimitedFetch;
  readonly log: Log;
  /** What its requests carry, to be blotted out wherever it is repeated. */
  readonly secrets: Pick<Secrets, "redact" | "redactError">;
  /** A call to it has failed. */
  failed(error: ModelyardError): void;
  /**
   * How far a prompt to this model travels, at once where that is known. Models are asked for only where the backend itself lies
   * within `limit`; where they can't be told now, it is the backend's own class, and `prepare` looks again.
   */
  privacyOf(model: string, limit: PrivacyClass): Reach | Promise<Reach>;
  /** The window of a model, in tokens, where it is known. */
  contextTokensOf(model: string): number | undefined;
  /**
   * Starts the backend, pulls and loads the model where needed, and holds it in memory until `release` is called. Starting it, and asking
   * it for its models, may take `firstTokenMs` (the backend's own limit where left out), in milliseconds.
   * @throws `capability-not-supported`, `model-not-found`, `privacy-violation` where the model lies beyond `limit`, `timeout`, and
   * what starting, pulling and loading throw
   */
  prepare(
    capability: AnyCapability,
    model: string,
    interest: Interest,
    limit: PrivacyClass,
    firstTokenMs?: number,
  ): Promise<Prepared> | Prepared;
}

/** A model that is ready to be asked. */
export interface Prepared {
  /** Native or derived. */
  readonly handler: AnyHandler;
  readonly release: Release;
}

export type Release = () => void;

/** A target that a call may go to. */
export interface Candidate {
  readonly target: Target;
  readonly backend: TargetBackend;
  /** Its share among those that are balanced; 1 where left out. */
  readonly weight?: number | undefined;
}

/** How a call chooses among its candidates. */
export interface Routing {
  readonly strategy: Strategy;
  /** Whether a candidate may lie further away than the first one. */
  readonly allowWider: boolean;
  /** Codes that are handed on although the table of errors does not say so. */
  readonly fallbackOn: readonly ErrorCode[];
}

/** One call on its way. Middleware may pass on a copy with other fields. */
export interface Call extends Interest {
  readonly id: string;
  readonly capability: AnyCapability;
  readonly request: unknown;
  /** The model as the caller named it; left out where they named none. */
  readonly requested?: string | undefined;
  /** Where it goes; until `fallback` has chosen, its first candidate. */
  readonly target: Target;
  readonly backend: TargetBackend;
  /** Where it may go, the preferred first; inside `fallback`, what is left when its target has failed. */
  readonly candidates: readonly Candidate[];
  readonly routing: Routing;
  /** How far its prompt may travel. */
  readonly privacy: PrivacyClass;
  /** Who calls, where that is known: those who wait take turns. */
  readonly caller?: string | undefined;
  /** What has been decided about it, and what came of it. */
  readonly story: Story;
  /** This try's place in the story; set by `attempt`. */
  readonly step?: TriedStep;
  /** Ends what this call's signal stands for: everything, or (inside `timeout`) this try. */
  abort(reason: ModelyardError): void;
  /** Set by `prepare`. */
  readonly handler?: AnyHandler;
  /** Whether the caller sees events as they come. */
  readonly stream: boolean;
  /** Everything from first to last, in milliseconds; no limit where left out. */
  readonly timeoutMs?: number | undefined;
  /** When that is over, on the clock of `performance.now()`; set by `deadline`. */
  readonly endsAt?: number | undefined;
  /** Limits on a try that take the place of the backend's. */
  readonly timeouts?: Timeouts | undefined;
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

/** What is known of an answer once it has ended. */
export interface Ending {
  readonly outcome: Outcome;
  /** What it cost, where it says so. */
  readonly usage?: Usage | undefined;
  /** What ended it before its time. */
  readonly error?: ModelyardError | undefined;
}

export type EndListener = (ending: Ending) => void;

/** An answer that has begun. Middleware that holds something until its end says so with `onEnd`. */
export interface Reply {
  readonly target: Target;
  /** Set where the caller streams: the events, to be read once. Ending the iteration early stops the work upstream. */
  readonly events?: BatchedIterator<AnyEvent>;
  /** Set where the caller does not stream: the whole answer. */
  readonly result?: unknown;
  /** Calls `listener` once the answer has ended, at once if it has already. */
  onEnd(listener: EndListener): void;
}

/** Settles once the answer has begun to reach the caller: until then it can be tried again, from then on nothing can be taken back. */
export type Next = (call: Call) => Promise<Reply>;

export type Middleware = (call: Call, next: Next) => Promise<Reply>;

/** A call at one target, which guards make ready. */
export interface Try extends Omit<Call, "step" | "handler" | "signal" | "abort" | "watch"> {
  step?: TriedStep;
  handler?: AnyHandler;
  signal: AbortSignal;
  abort: Call["abort"];
  watch?: Watch;
  /** Calls `listener` when the answer begins. */
  onBegin(listener: () => void): void;
  /** Calls `listener` once this try has ended: with the end of its answer, or with what kept it from beginning. */
  onEnd(listener: EndListener): void;
}

/** Stands before a try: it may refuse it, let it wait, change what it is done with, and hear of its end. */
export type Guard = (call: Try) => void | Promise<void>;
