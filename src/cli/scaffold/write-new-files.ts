import fs from "node:fs/promises";
import path from "node:path";
import { ModelyardError } from "../../contract/errors.ts";
import type { NewFiles } from "./backend-files.ts";

/**
 * Writes files into a new folder. What is there stays as it is: where any of them is, or a file where a folder has to be, all is refused before one is written.
 * @throws `invalid-request` where something is there already, `storage-failed` where one can't be written
 */
export async function writeNewFiles(folder: string, files: NewFiles): Promise<void> {
  for (const file of Object.keys(files)) await refuseExisting(path.join(folder, file));
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(folder, file);
    try {
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text, { flag: "wx" });
    } catch (error) {
      throw unwritable(target, error);
    }
  }
}

async function refuseExisting(file: string): Promise<void> {
  try {
    await fs.lstat(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    // Something above it is no folder, and is named in its place.
    if (code === "ENOTDIR") return refuseExisting(path.dirname(file));
    throw unwritable(file, error);
  }
  throw new ModelyardError("invalid-request", `${file} is there already, and is left as it is.`, {
    remedy: "Take another name, another folder, or move that one away.",
  });
}

function unwritable(file: string, cause: unknown): ModelyardError {
  const { code = "unknown" } = cause as NodeJS.ErrnoException;
  return new ModelyardError("storage-failed", `${file} can't be written: ${code}.`, {
    cause,
    remedy: "Give yourself the right to write there, or work in another folder.",
  });
}
