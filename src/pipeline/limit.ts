import { abortError } from "../contract/abort.ts";
import type { Middleware } from "./call.ts";
import { releaseAtEnd } from "./release-at-end.ts";

/** Holds one of the backend's places until the answer has ended. */
export const limit: Middleware = async (call, next) => {
  if (call.signal.aborted) throw abortError(call.signal);
  const place = call.backend.places.enter(call);
  const release = place instanceof Promise ? await place : place;
  return releaseAtEnd(next(call), release);
};
