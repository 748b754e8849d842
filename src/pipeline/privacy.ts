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
  const limit =
    routing.allowWider || classes[0] === undefined
      ? call.privacy
      : narrowestOf([call.privacy, classes[0]]);
  const allowed = candidates.filter(({ target }, index) => {
    const wider = isWider(classes[index]!, limit);
    if (wider) call.story.skipped(target, `reaches ${classes[index]}, beyond ${limit}`);
    return !wider;
  });
  const [first] = allowed;
  if (first === undefined) throw violation(call, classes);
  const { target, backend } = first;
  return next({ ...call, target, backend, candidates: allowed, privacy: limit });
};

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
