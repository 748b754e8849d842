import { orAborted } from "../contract/abort.ts";
import { ModelyardError } from "../contract/errors.ts";
import { isWider, narrowestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Call, Candidate, Middleware } from "./call.ts";
import { nameOf } from "./story.ts";

/**
 * Leaves the targets that a prompt may travel to: those within the call's limit, and, unless the alias allows more, no further away
 * than its first one. What follows is held to the same limit where it connects.
 * @throws `privacy-violation` where none is left, before a byte has been sent
 */
export const privacy: Middleware = async (call, next) => {
  const { candidates, routing } = call;
  const anywhere = call.privacy === "remote";
  if (anywhere && (routing.allowWider || candidates.length === 1)) return next(call);
  const classes = await Promise.all(candidates.map((each) => classOf(each, call)));
  const [preferred] = candidates;
  // Where it lies is not known, so nothing that lies further than here may take its place.
  const lost = preferred?.backend.located === false && !routing.allowWider;
  if (lost && !classes.includes("device") && call.privacy === "remote") {
    leaveOut(candidates.slice(1), "it can't be told how far the first target reaches", call);
    return next({ ...call, candidates: [preferred] });
  }
  const reach = routing.allowWider ? "remote" : lost ? "device" : classes[0]!;
  const limit = narrowestOf([call.privacy, reach]);
  const allowed = candidates.filter((each, index) => {
    const wider = isWider(classes[index]!, limit);
    if (wider) leaveOut([each], `reaches ${classes[index]}, beyond ${limit}`, call);
    return !wider;
  });
  const [first] = allowed;
  if (first === undefined) throw violation(call, classes);
  const { target, backend } = first;
  return next({ ...call, target, backend, candidates: allowed, privacy: limit });
};

function leaveOut(candidates: readonly Candidate[], reason: string, { story }: Call): void {
  for (const { target } of candidates) story.skipped(target, reason);
}

async function classOf(
  { backend, target }: Candidate,
  { privacy, signal }: Call,
): Promise<PrivacyClass> {
  const known = backend.privacyOf(target.model, privacy);
  return known instanceof Promise ? orAborted(known, signal) : known;
}

function violation({ candidates, privacy }: Call, classes: readonly PrivacyClass[]) {
  const reach = candidates.map(({ target }, index) => `${nameOf(target)} (${classes[index]})`);
  return new ModelyardError(
    "privacy-violation",
    `A prompt of this call may go no further than ${privacy}, and ${reach.join(", ")} would take it further: nothing was sent.`,
    {
      ...candidates[0]?.target,
      details: { privacy },
      remedy:
        "Name a model that is nearer (`modelyard models` shows how far each one reaches), or allow more: in the call, its key, the alias or the configuration, whichever is the narrowest.",
    },
  );
}
