import { orAborted } from "../contract/abort.ts";
import { ModelyardError } from "../contract/errors.ts";
import { isWider, narrowestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Call, Middleware, Reach } from "./call.ts";
import { nameOf } from "./story.ts";

/**
 * Leaves the targets that a prompt may travel to: those within the call's limit, and, unless the alias allows more, no further away
 * than its first one. While that one's name can't be resolved the others are held to what is certain of it, and it is tried only
 * where there is none. What follows is held to the same limit where it connects.
 * @throws `privacy-violation` where none is left, before a byte has been sent
 */
export const privacy: Middleware = (call, next) => {
  const { candidates, routing } = call;
  const anywhere = call.privacy === "remote";
  return anywhere && (routing.allowWider || candidates.length === 1)
    ? next(call)
    : within(call, next);
};

const within: Middleware = async (call, next) => {
  const { candidates, routing, story } = call;
  const anywhere = call.privacy === "remote";
  const asked = candidates.map(({ backend, target }) =>
    backend.privacyOf(target.model, call.privacy),
  );
  const reaches = asked.every(isKnown) ? asked : await orAborted(Promise.all(asked), call.signal);
  const [preferred] = reaches;
  const bound = routing.allowWider || preferred === undefined ? "remote" : atLeast(preferred);
  const limit = narrowestOf([call.privacy, bound]);
  const near = reaches.map((reach) => !isWider(atMost(reach), limit));
  const isAlone = anywhere && !near.includes(true);
  const allowed = candidates.filter(({ target }, index) => {
    const stays = isAlone ? index === 0 : near[index];
    if (!stays) story.skipped(target, `${describe(reaches[index]!)}, beyond ${limit}`);
    return stays;
  });
  const [first] = allowed;
  if (first === undefined) throw violation(call, reaches);
  const { target, backend } = first;
  const held = isAlone ? call.privacy : limit;
  return next({ ...call, target, backend, candidates: allowed, privacy: held });
};

function isKnown(reach: Reach | Promise<Reach>): reach is Reach {
  return !(reach instanceof Promise);
}

function atLeast(reach: Reach): PrivacyClass {
  return typeof reach === "string" ? reach : reach.atLeast;
}

function atMost(reach: Reach): PrivacyClass {
  return typeof reach === "string" ? reach : "remote";
}

function describe(reach: Reach): string {
  return typeof reach === "string"
    ? `reaches ${reach}`
    : "may reach remote, for its name can't be resolved";
}

function violation({ candidates, privacy }: Call, reaches: readonly Reach[]) {
  const said = candidates.map(({ target }, index) => {
    const reach = reaches[index]!;
    return `${nameOf(target)} (${typeof reach === "string" ? reach : "its name can't be resolved"})`;
  });
  return new ModelyardError(
    "privacy-violation",
    `A prompt of this call may go no further than ${privacy}, and ${said.join(", ")} would take it further: nothing was sent.`,
    {
      ...candidates[0]?.target,
      details: { privacy },
      remedy:
        "Name a model that is nearer (`modelyard models` shows how far each one reaches), or allow more: in the call, its key, the alias or the configuration, whichever is the narrowest.",
    },
  );
}
