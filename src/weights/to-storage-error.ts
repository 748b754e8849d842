import { isModelyardError, ModelyardError } from "../contract/errors.ts";

const remedies: Record<string, string> = {
  ENOSPC:
    "The disk is full. Free some space; what has arrived is kept and the next `modelyard pull` goes on from there.",
  EDQUOT:
    "The disk quota is used up. Free some space; the next `modelyard pull` goes on from what has arrived.",
  EROFS: "The folder is on a read-only disk. Set XDG_CACHE_HOME to a folder that can be written.",
  EACCES:
    "The folder can't be written by this user. Change its rights, or set XDG_CACHE_HOME to another folder.",
  EPERM:
    "The folder can't be written by this user. Change its rights, or set XDG_CACHE_HOME to another folder.",
  ENOTDIR:
    "A file stands where a folder is needed. Move it away, or set XDG_CACHE_HOME to another folder.",
  EEXIST:
    "A file stands where a folder is needed. Move it away, or set XDG_CACHE_HOME to another folder.",
};

/** A failure of the file system as `storage-failed`, with what to do about it; a ModelyardError stays what it is. */
export function toStorageError(thrown: unknown, path: string): ModelyardError {
  if (isModelyardError(thrown)) return thrown;
  const code = systemCode(thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ModelyardError("storage-failed", `${path} can't be written: ${reason}`, {
    remedy:
      remedies[code] ?? "Check the folder and its disk, or set XDG_CACHE_HOME to another folder.",
    details: { path, ...(code !== "" && { systemCode: code }) },
    cause: thrown,
  });
}

function systemCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  // SQLite has numbers of its own: 8 is a read-only file, 14 one that can't be opened.
  if ("errcode" in thrown) return thrown.errcode === 8 || thrown.errcode === 14 ? "EACCES" : "";
  return "code" in thrown ? String(thrown.code) : "";
}
