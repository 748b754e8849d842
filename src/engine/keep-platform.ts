import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Deletes, in folders of the shape `<platform>/<architecture>`, what other platforms would run. A part of a pattern may be `*`. */
export async function keepPlatform(root: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    for (const folder of await expand(root, pattern.split("/"))) {
      for (const [platform, path] of await entries(folder)) {
        if (platform !== process.platform) await rm(path, { recursive: true });
        else await keepArchitecture(path);
      }
    }
  }
}

async function keepArchitecture(folder: string): Promise<void> {
  for (const [architecture, path] of await entries(folder)) {
    if (architecture !== process.arch) await rm(path, { recursive: true });
  }
}

async function expand(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [folder];
  if (part !== "*") return expand(join(folder, part), rest);
  const inner = await entries(folder);
  return (await Promise.all(inner.map(([, path]) => expand(path, rest)))).flat();
}

/** The folders inside one; none where it is not there, as a later version may have another layout. */
async function entries(folder: string): Promise<[name: string, path: string][]> {
  try {
    const all = await readdir(folder, { withFileTypes: true });
    return all.filter((entry) => entry.isDirectory()).map(({ name }) => [name, join(folder, name)]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
