import { ModelyardError } from "../contract/errors.ts";

/** What the system says where nothing is, or where nothing can be. */
const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);

/**
 * What was found at a path; undefined where nothing is there.
 * @throws ModelyardError `storage-failed` where something is, and can't be read
 */
export async function ifThere<Found>(looking: Promise<Found>): Promise<Found | undefined> {
  try {
    return await looking;
  } catch (error) {
    const { code, path = "A file" } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (absent.has(code)) return undefined;
    throw new ModelyardError("storage-failed", `${path} can't be read: ${code}.`, {
      cause: error,
      remedy: "Give yourself the right to read it, or name another folder.",
    });
  }
}
