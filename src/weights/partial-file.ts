import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { ifThere } from "./if-there.ts";
import type { Expected } from "./sources/source.ts";
import { toStorageError } from "./to-storage-error.ts";

/** Where a file lies while it is not whole. */
export function partialPathOf(destination: string): string {
  return `${destination}.partial`;
}

/** What a partial file is the beginning of; written beside it before its first byte. */
export interface PartialNote {
  key: string;
  validator?: string | undefined;
  sha256?: string | undefined;
  totalBytes?: number | undefined;
}

/** A file on its way, open for writing. */
export interface PartialFile {
  handle: FileHandle;
  hash: Hash;
  offset: number;
  validator: string | undefined;
  sha256: string | undefined;
  /** All bytes were there already, and are the right ones. */
  complete: boolean;
}

/**
 * Opens what an earlier try left, hashing it, or an empty file.
 * @throws ModelyardError `storage-failed`, or the signal's reason.
 */
export async function openPartial({
  partialPath,
  key,
  expected,
  signal,
}: {
  partialPath: string;
  key: string;
  expected: Expected;
  signal: AbortSignal;
}): Promise<PartialFile> {
  try {
    const note = await readPartialNote(partialPath);
    const size = note === undefined ? 0 : ((await ifThere(stat(partialPath)))?.size ?? 0);
    const sha256 = expected.sha256 ?? note?.sha256;
    const sameDigest = note?.sha256 !== undefined && note.sha256 === sha256;
    // Without a digest or a validator nobody could tell that the source has changed since.
    const usable =
      note !== undefined &&
      (sameDigest || (note.key === key && (note.validator ?? expected.sha256) !== undefined));
    const fits = size <= (expected.sizeBytes ?? note?.totalBytes ?? Infinity);
    const hash = createHash("sha256");
    if (!usable || !fits || size === 0) {
      return {
        handle: await open(partialPath, "w+"),
        hash,
        offset: 0,
        validator: undefined,
        sha256: undefined,
        complete: false,
      };
    }
    for await (const chunk of createReadStream(partialPath, { signal, highWaterMark: 1024 * 1024 }))
      hash.update(chunk as Buffer);
    const complete =
      size === note.totalBytes && sha256 !== undefined && hash.copy().digest("hex") === sha256;
    const validator = note.key === key ? note.validator : undefined;
    return {
      handle: await open(partialPath, "r+"),
      hash,
      offset: size,
      validator,
      sha256: note.sha256,
      complete,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw toStorageError(error, partialPath);
  }
}

/** Removes a partial file and the note beside it. */
export async function removePartial(partialPath: string): Promise<void> {
  await rm(partialPath, { force: true });
  await rm(`${partialPath}.json`, { force: true });
}

/** The note beside a partial file; `undefined` where there is none that can be read, and the download begins anew. */
async function readPartialNote(partialPath: string): Promise<PartialNote | undefined> {
  try {
    const { key, validator, sha256, totalBytes } = JSON.parse(
      await readFile(`${partialPath}.json`, "utf8"),
    ) as Record<string, unknown>;
    if (typeof key !== "string") return undefined;
    return {
      key,
      validator: typeof validator === "string" ? validator : undefined,
      sha256: typeof sha256 === "string" ? sha256 : undefined,
      totalBytes: typeof totalBytes === "number" ? totalBytes : undefined,
    };
  } catch {
    // A note that is missing or torn costs a fresh start, nothing else.
    return undefined;
  }
}

export async function writePartialNote(partialPath: string, note: PartialNote): Promise<void> {
  await writeFile(`${partialPath}.json`, JSON.stringify(note));
}
