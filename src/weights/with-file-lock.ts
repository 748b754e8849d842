import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toStorageError } from "./to-storage-error.ts";

export interface FileLockOptions {
  signal: AbortSignal;
  /** Called before each wait while another holds the lock. */
  onWait?: () => void | Promise<void>;
}

const pollMs = 200;
const sqliteBusy = 5;

/**
 * Runs `work` while no other process, and no other caller in this one, holds the lock of this path. The lock is SQLite's on an
 * empty file: the system lets go of it when its process dies, however that happens. The file stays; removing it would race.
 * @throws ModelyardError `storage-failed` where no lock can be made there; or the signal's reason.
 */
export async function withFileLock<T>(
  path: string,
  { signal, onWait }: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const release = await acquire(path, signal, onWait);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(
  path: string,
  signal: AbortSignal,
  onWait: FileLockOptions["onWait"],
): Promise<() => void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const { DatabaseSync } = loadSqlite();
    for (;;) {
      signal.throwIfAborted();
      const database = new DatabaseSync(path);
      try {
        database.exec("BEGIN EXCLUSIVE");
        return () => database.close();
      } catch (error) {
        database.close();
        if (!isBusy(error)) throw error;
      }
      await onWait?.();
      await sleep(pollMs, undefined, { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toStorageError(error, path);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}

/** Loads SQLite without the warning that Node 22 prints for it: standard error belongs to our user. */
function loadSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
