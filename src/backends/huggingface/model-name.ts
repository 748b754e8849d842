import { decodePercent } from "../../contract/decode-percent.ts";

/** `owner/name`, with `hf:` before it or not, and neither revision nor file. */
const unpinned = /^(?:hf:)?([\w][\w.-]*\/[\w][\w.-]*)$/;
const pinned = /^([\w][\w.-]*\/[\w][\w.-]*)@([^/]+)$/;

/** A model's name in the store: one of the hub that says no revision gets the configured one. */
export function toStoredName(name: string, revision: string | undefined): string {
  const repository = unpinned.exec(name)?.[1];
  if (repository === undefined || revision === undefined || repository.startsWith("local/"))
    return name;
  return `${repository}@${encodeURIComponent(revision)}`;
}

/** A stored model's name for callers: the configured revision goes without saying. */
export function fromStoredName(name: string, revision: string | undefined): string {
  const [, repository, written] = pinned.exec(name) ?? [];
  if (repository === undefined || revision === undefined) return name;
  return written === encodeURIComponent(revision) ? repository : name;
}

/** The model's name at the hub. */
export function repositoryOf(storedName: string): string {
  return pinned.exec(storedName)?.[1] ?? storedName;
}

/** The revision that a name says; undefined where it says none. */
export function revisionOf(storedName: string): string | undefined {
  const written = pinned.exec(storedName)?.[2];
  return written && decodePercent(written);
}

/** Whether a name means a whole model at the hub, with a revision or without. */
export function isHubName(name: string): boolean {
  return unpinned.test(name) || pinned.test(name.replace(/^hf:/, ""));
}
