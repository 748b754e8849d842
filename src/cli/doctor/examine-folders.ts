import fs from "node:fs/promises";
import path from "node:path";
import type { CacheFolder } from "../services.ts";
import { formatBytes } from "../../contract/format-bytes.ts";
import type { Examination, Finding } from "./examine.ts";

/** Less than this does not hold the engines and the default models. */
const leastDiskBytes = 1_000_000_000;

/** Whether the folders for weights and engines can be written to, and have room. */
export const examineFolders: Examination = async (services) =>
  Promise.all((await services.cacheFolders()).map(examineFolder));

async function examineFolder({ what, directory }: CacheFolder): Promise<Finding> {
  const existing = await nearestExisting(directory);
  try {
    await fs.access(existing, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    return {
      what,
      status: "broken",
      message: `${directory} can't be written to (${(error as NodeJS.ErrnoException).code})`,
      remedy: "Give yourself the right to write there, or set XDG_CACHE_HOME to another folder.",
    };
  }
  const { bavail, bsize } = await fs.statfs(existing);
  const free = bavail * bsize;
  const tight = free < leastDiskBytes;
  return {
    what,
    status: tight ? "note" : "good",
    message: `${directory}, ${formatBytes(free)} free`,
    ...(tight && { remedy: "Free some space: engines and models need 1 GB and more." }),
  };
}

/** The folder itself, or the part of its path that is there already. */
async function nearestExisting(directory: string): Promise<string> {
  try {
    await fs.stat(directory);
    return directory;
  } catch (error) {
    const parent = path.dirname(directory);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === directory)
      return directory;
    return nearestExisting(parent);
  }
}
