import { clouds } from "./clouds.ts";
import { plainProfile, type Profile } from "./profile.ts";
import { servers } from "./servers.ts";

/** All profiles, the plain one first. */
export const profiles: readonly Profile[] = [plainProfile, ...servers, ...clouds];

const byName = new Map(profiles.map((profile) => [profile.name, profile]));

/** What profiles were called before: earlier name → name. */
export const earlierNames: Readonly<Record<string, string>> = { "llama.cpp": "llama-server" };

/** The profile of this name. */
export function findProfile(name: string): Profile | undefined {
  return byName.get(earlierNames[name] ?? name);
}

/** The service that an address belongs to. */
export function profileOfHost(hostname: string): Profile | undefined {
  return profiles.find(({ recognise }) => recognise.hosts?.test(hostname) === true);
}
