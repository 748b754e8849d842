import { toBaseUrl } from "../base-url.ts";
import type { OpenAiCompatibleConfig } from "../config.ts";
import { findProfile, profileOfHost } from "./find-profile.ts";
import type { Profile } from "./profile.ts";

/** The profile that a configuration names, or that its address tells; undefined where the server's answers have to. */
export function configuredProfile(
  config: Pick<OpenAiCompatibleConfig, "baseUrl" | "profile">,
): Profile | undefined {
  return config.profile === undefined
    ? profileOfHost(new URL(toBaseUrl(config)).hostname)
    : findProfile(config.profile);
}
