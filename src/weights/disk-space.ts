import { statfs } from "node:fs/promises";
import { ModelyardError } from "../contract/errors.ts";
import { formatBytes } from "../contract/format-bytes.ts";

/**
 * Looks before a download whether it fits.
 * @throws ModelyardError `storage-failed` with what is needed and what is free.
 */
export async function requireDiskSpace(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  const missing = `${formatBytes(neededBytes)} are needed in ${directory}, and ${formatBytes(free)} are free`;
  throw new ModelyardError("storage-failed", `The disk is too full: ${missing}.`, {
    remedy:
      "Free some space, `modelyard remove` a model, or set XDG_CACHE_HOME to a folder on another disk.",
    details: { neededBytes, freeBytes: free },
  });
}
