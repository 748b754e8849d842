import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ifThere } from "../../../weights/if-there.ts";
import { isSafePath } from "../../../weights/safe-path.ts";
import { formsIn } from "../../../weights/weights-form.ts";

/** A model in the cache that Python's own libraries keep. */
export interface CachedModel {
  /** `owner/name`. */
  name: string;
  path: string;
  sizeBytes: number;
}

/** Where Python's libraries keep what they fetch, as huggingface_hub works it out. */
export function hubCacheDirectory(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { HF_HUB_CACHE: own, HF_HOME: home, XDG_CACHE_HOME: xdg } = environment;
  if (own) return own;
  const cache = xdg || join(environment["HOME"] || homedir(), ".cache");
  return join(home || join(cache, "huggingface"), "hub");
}

/** The models there that Python can run, at a revision. */
export async function listHubCache(directory: string, revision = "main"): Promise<CachedModel[]> {
  const folders = await namesIn(directory);
  const models = folders.map(async (folder) => {
    const [kind, owner, ...rest] = folder.split("--");
    const name = rest.join("--");
    if (kind !== "models" || owner === undefined || name === "") return [];
    const found = await findSnapshot(join(directory, folder), revision);
    return found === undefined ? [] : [{ name: `${owner}/${name}`, ...found }];
  });
  return (await Promise.all(models)).flat();
}

/** One model there; undefined where it is not, or not whole. */
export async function findInHubCache(
  directory: string,
  name: string,
  revision = "main",
): Promise<CachedModel | undefined> {
  const folder = join(directory, `models--${name.replace("/", "--")}`);
  const found = await findSnapshot(folder, revision);
  return found === undefined ? undefined : { name, ...found };
}

async function findSnapshot(
  folder: string,
  revision: string,
): Promise<Omit<CachedModel, "name"> | undefined> {
  // Callers name it: it must not lead out of the folder.
  if (!isSafePath(revision)) return undefined;
  // What is no branch or tag there is a commit.
  const reference = join(folder, "refs", ...revision.split("/"));
  const commit = (await ifThere(readFile(reference, "utf8"))) ?? revision;
  const path = join(folder, "snapshots", commit.trim());
  const names = await namesIn(path);
  if (!names.includes("config.json") || formsIn(names).length === 0) return undefined;
  const sizes = await Promise.all(
    names.map(async (name) => (await ifThere(stat(join(path, name))))?.size ?? 0),
  );
  return { path, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** None where there is no such folder: nobody has fetched anything. */
async function namesIn(folder: string): Promise<string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}
