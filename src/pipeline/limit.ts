import { abortError } from "../contract/abort.ts";
import type { Guard, Release, Try } from "./call.ts";

/** Holds one of the backend's places until the answer has ended. Who gets none was never sent: that is no try. */
export const limit: Guard = (call) => {
  const place = enter(call);
  if (place instanceof Promise) return wait(call, place);
  call.onEnd(place);
};

function enter(call: Try): Release | Promise<Release> {
  try {
    if (call.signal.aborted) throw abortError(call.signal);
    return call.backend.places.enter(call);
  } catch (error) {
    sendAway(call, call.signal.aborted ? "it was given up before" : "its queue is full");
    throw error;
  }
}

async function wait(call: Try, place: Promise<Release>): Promise<void> {
  const { step, story } = call;
  const since = story.elapsedMs();
  try {
    call.onEnd(await place);
    if (step !== undefined) step.queuedMs = story.elapsedMs() - since;
  } catch (error) {
    const waitedMs = Math.round(story.elapsedMs() - since);
    sendAway(call, `it was given up after ${waitedMs} ms in the queue`);
    throw error;
  }
}

function sendAway({ step, story }: Try, reason: string): void {
  if (step !== undefined) story.sentAway(step, reason);
}
