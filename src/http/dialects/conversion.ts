import type { AnyEvent } from "../../contract/capability.ts";

/** Who answered, as a dialect may want to tell it. */
export interface Origin {
  /** The request's id. */
  readonly id: string;
  readonly backend: string;
  /** The model's name at its backend. */
  readonly model: string;
  /** When the answer began, in seconds since 1970. */
  readonly createdAt: number;
}

/** What could not stand in the headers, because they had been sent. */
export interface Untold {
  readonly backend?: string;
  readonly warnings?: readonly string[];
}

/** The answer to a caller who waits for the whole. */
export interface WholeAnswer {
  readonly body: object;
  /** What the conversion itself could not say. */
  readonly warnings: readonly string[];
}

/** The answer to a caller who reads events: what is written for each, as server-sent events. */
export interface Frames {
  /** Empty where the dialect has nothing to say. `choice` counts the requests. @throws ModelyardError where the event means that the answer has failed */
  toFrame(event: AnyEvent, choice: number): string;
  /** Written after the last event of the last answer. */
  readonly end: string;
}

/** A request, read. */
export interface ReadRequest {
  /** As the capability's contract has it; the gateway validates it. Several where the caller wants several answers at once. */
  readonly requests: readonly object[];
  readonly model?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly stream: boolean;
  /** What was accepted and ignored. */
  readonly warnings: readonly string[];
  /** One result for each request, in their order. */
  toAnswer(results: readonly unknown[], origin: Origin): WholeAnswer;
  /** `untold` is asked with the last event of the last answer. */
  createFrames(origin: Origin, untold: () => Untold | undefined): Frames;
}

/** One route of a dialect: pure conversions between a protocol's words and a capability's contract. */
export interface Conversion {
  readonly capability: string;
  /** What the protocol calls a field of the contract's request, where it says otherwise: `maxTokens` → `max_tokens`. */
  readonly fieldNames: Readonly<Record<string, string>>;
  /** Where the protocol has what stands elsewhere in the contract's request: how a place begins there, and here. */
  readonly fieldPaths?: readonly (readonly [RegExp, string])[];
  /** @throws ModelyardError `invalid-request` that names the field in `details.param` */
  read(body: Readonly<Record<string, unknown>>): ReadRequest;
}
