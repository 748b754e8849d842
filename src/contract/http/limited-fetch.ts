import type { PrivacyClass } from "./privacy-class.ts";

/** What holds for one request, beside what holds for all. */
export interface RequestLimits {
  /** How far it may go. It narrows, and never widens. */
  readonly widest?: PrivacyClass | undefined;
  /** Between two pieces of the answer's body, in milliseconds; no limit where left out. */
  readonly idleMs?: number | undefined;
  /** Until the answer's headers, in milliseconds, for every 32 KiB begun that the request holds: who sends much waits longer. No limit where left out. */
  readonly headersMs?: number | undefined;
}

/** A `fetch` that may be told what holds for this request alone. */
export type LimitedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
  limits?: RequestLimits,
) => Promise<Response>;
