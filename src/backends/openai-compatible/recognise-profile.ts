import { field, list } from "./convert/fields.ts";
import type { Peek } from "./peek.ts";
import { plainProfile, type Profile } from "./profiles/profile.ts";
import { profiles } from "./profiles/find-profile.ts";

/** Asks for a path: of the API, or from the root of the server where it begins with a slash. */
export type Ask = (path: string) => Promise<Peek | undefined>;

/** Which profile a server has, by its answers; the plain one where none fits, undefined where nothing answers. Costs the server nothing. */
export async function recogniseProfile(ask: Ask): Promise<Profile | undefined> {
  const models = await ask("models");
  if (models === undefined) return undefined;
  const byOwner = profiles.find((profile) => ownsModels(profile, models));
  if (byOwner !== undefined) return byOwner;
  const asked = new Map<string, Promise<Peek | undefined>>();
  const fitting = await Promise.all(
    profiles.map(async (profile) => {
      const { probe } = profile.recognise;
      if (probe === undefined) return undefined;
      const answer = asked.get(probe.path) ?? ask(probe.path);
      asked.set(probe.path, answer);
      return fitsProbe(profile, await answer) ? profile : undefined;
    }),
  );
  return fitting.find((profile) => profile !== undefined) ?? plainProfile;
}

/** Whether a server has this profile, by what this profile alone would answer. */
export async function hasProfile(profile: Profile, ask: Ask): Promise<boolean> {
  const { ownedBy, probe } = profile.recognise;
  const [models, probed] = await Promise.all([
    ownedBy === undefined ? undefined : ask("models"),
    probe === undefined ? undefined : ask(probe.path),
  ]);
  return ownsModels(profile, models) || fitsProbe(profile, probed);
}

function ownsModels({ recognise }: Profile, models: Peek | undefined): boolean {
  const owner = field(list(field(models?.body, "data"))[0], "owned_by");
  return typeof owner === "string" && recognise.ownedBy?.test(owner) === true;
}

function fitsProbe({ recognise }: Profile, answer: Peek | undefined): boolean {
  return answer !== undefined && recognise.probe?.matches(answer.body, answer.status) === true;
}
