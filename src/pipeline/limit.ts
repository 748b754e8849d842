import { abortError } from "../contract/abort.ts";
import type { Call, Middleware, Release } from "./call.ts";
import { releaseAtEnd } from "./release-at-end.ts";

/** Holds one of the backend's places until the answer has ended. Who gets none was never sent: that is no try. */
export const limit: Middleware = (call, next) => {
  const goOn = (release: Release) => releaseAtEnd(next(call), release);
  let place: Release | Promise<Release>;
  try {
    place = enter(call);
  } catch (error) {
    const reason = call.signal.aborted ? "it was given up before" : "its queue is full";
    return Promise.reject(sentAway(call, error, reason));
  }
  return place instanceof Promise ? wait(call, place).then(goOn) : goOn(place);
};

function enter(call: Call): Release | Promise<Release> {
  if (call.signal.aborted) throw abortError(call.signal);
  return call.backend.places.enter(call);
}

async function wait(call: Call, place: Promise<Release>): Promise<Release> {
  const { step, story } = call;
  const since = story.elapsedMs();
  try {
    const release = await place;
    if (step !== undefined) step.queuedMs = story.elapsedMs() - since;
    return release;
  } catch (error) {
    const waitedMs = Math.round(story.elapsedMs() - since);
    throw sentAway(call, error, `it was given up after ${waitedMs} ms in the queue`);
  }
}

function sentAway({ step, story }: Call, error: unknown, reason: string): unknown {
  if (step !== undefined) story.sentAway(step, reason);
  return error;
}
