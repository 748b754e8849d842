import type { CallContext } from "../backend.ts";
import type { LimitedFetch, RequestLimits } from "./limited-fetch.ts";

/** What a call's handler is given by us, and not by a backend's author who tries it: how far its requests may go. */
export interface LimitedContext extends CallContext {
  readonly limits: RequestLimits;
}

/** The `fetch` of one call: aborted with it, and held within its limits. */
export function fetchOfCall(
  fetch: LimitedFetch,
  { signal, limits }: Pick<LimitedContext, "signal" | "limits">,
): typeof globalThis.fetch {
  return (input, init) => {
    const own = init?.signal;
    // Most hand on the signal that they were given; one that is made of two costs more than all else here.
    if (own === signal) return fetch(input, init, limits);
    const both = own == null ? signal : AbortSignal.any([own, signal]);
    return fetch(input, { ...init, signal: both }, limits);
  };
}
