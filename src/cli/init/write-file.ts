import fs from "node:fs/promises";
import path from "node:path";
import { ModelyardError } from "../../contract/errors.ts";

/** @throws `invalid-request` where a file of this name is there already */
export async function refuseExisting(file: string): Promise<void> {
  const there = await fs.stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
      throw unwritable(file, error);
    },
  );
  if (!there) return;
  throw new ModelyardError("invalid-request", `${file} is there already, and is left as it is.`, {
    remedy: "Add --force to replace it, or name another file: modelyard init <file>",
  });
}

const otherFile =
  "Give yourself the right to write there, or name another file: modelyard init <file>";

/**
 * Writes a file beside its place and puts it there whole; its folder is made where it lacks. A link stays one. `like` is a file whose
 * rights it gets.
 * @throws `storage-failed`
 */
export async function writeFile(
  file: string,
  text: string,
  remedy = otherFile,
  like?: string,
): Promise<void> {
  const target = await realPathOf(file).catch((error: unknown) => {
    throw unwritable(file, error, remedy);
  });
  const beside = `${target}.${process.pid}.new`;
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    const mode = like === undefined ? undefined : (await fs.stat(like)).mode & 0o777;
    await fs.writeFile(beside, text, mode === undefined ? {} : { mode });
    await fs.rename(beside, target);
  } catch (error) {
    await fs.rm(beside, { force: true }).catch(() => {}); // what kept it from being written is told
    throw unwritable(file, error, remedy);
  }
}

/** What a link leads to, and the file itself where it is not there yet. */
async function realPathOf(file: string): Promise<string> {
  try {
    return await fs.realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw error;
  }
}

function unwritable(file: string, cause: unknown, remedy = otherFile): ModelyardError {
  const { code = "unknown" } = cause as NodeJS.ErrnoException;
  return new ModelyardError("storage-failed", `${file} can't be written: ${code}.`, {
    cause,
    remedy,
  });
}
