import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MissingIngredient } from "./missing-ingredient.ts";
import { peersFolder } from "./peers-folder.ts";
import { pip, python } from "./python.ts";

/** Installs a pinned Python package (`name==version`) with all it needs into a folder of its own, once, and gives that folder: the `PYTHONPATH` to use it with. */
export async function pythonPackage(requirement: string): Promise<string> {
  const packages = await peersFolder("python");
  const tag = await python(
    ["-c", "import sys; print(sys.implementation.cache_tag)"],
    "python3 does not run",
  );
  // its binaries fit one version of Python only
  const folder = join(packages, `${requirement.replace("==", "-")}-${tag}`);
  if (existsSync(folder)) return folder;
  const beside = await mkdtemp(`${folder}.`);
  try {
    await python(
      pip("install", "--target", beside, requirement),
      `pip could not install ${requirement}`,
    );
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // another process was first: its folder is the same
    if (error instanceof MissingIngredient || !existsSync(folder)) throw error;
  }
  return folder;
}
