import type { OpenAiCompatibleConfig } from "./config.ts";
import { findProfile, profileOfHost } from "./profiles/find-profile.ts";
import { plainProfile } from "./profiles/profile.ts";

/** What people paste of an address although it is no part of the base. */
const endpoint = /\/(chat\/completions|completions|embeddings|models)$/;

/** The address that all paths are put after, without a slash at its end: a `baseUrl` without a path gets the one that is usual. */
export function toBaseUrl({
  baseUrl,
  profile: name,
}: Pick<OpenAiCompatibleConfig, "baseUrl" | "profile">): string {
  const named = name === undefined ? undefined : findProfile(name);
  const url = new URL(baseUrl ?? named?.baseUrl ?? "");
  const path = url.pathname
    .replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "")
    .replace(endpoint, "");
  const { basePath } = named ?? profileOfHost(url.hostname) ?? plainProfile;
  url.pathname = path === "" ? basePath : path;
  return url.href.replace(/\/+(?=$|\?)/, "");
}

/** The address of a path of the API; of one beside its `/v1` where it begins with a slash. A query of the base stays. */
export function toUrl(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/, "");
  url.pathname = path.startsWith("/") ? `${base.replace(/\/v\d+$/, "")}${path}` : `${base}/${path}`;
  return url;
}
