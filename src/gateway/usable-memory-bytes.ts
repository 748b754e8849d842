import os from "node:os";

/** What this process may use, in bytes: a container's limit where there is one. */
export function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}
