import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { CatalogueEntry } from "./catalogue.ts";
import { digestOf } from "./digest-of.ts";
import { ifThere } from "./if-there.ts";
import {
  byHand,
  type Manifest,
  readManifest,
  type RecordedFile,
  writeManifest,
} from "./stored-model.ts";

export interface VerifyOptions {
  /** Every file that has a known digest, or only those that something has touched since they were recorded. */
  which: "all" | "changed";
  signal?: AbortSignal | undefined;
}

/** When a file was last written and last touched in any way: the second changes even where the first is put back. */
export async function stampOf(path: string): Promise<Omit<RecordedFile, "path" | "sha256">> {
  const { size, mtimeMs, ctimeMs } = await stat(path);
  return { sizeBytes: size, mtimeMs, ctimeMs };
}

/**
 * Holds the files at a place to the digests of its manifest, else of the catalogue, and records the stamps of those that are right,
 * so that they are read once only.
 * @returns what is wrong, in words; `undefined` where nothing is.
 */
export async function verifyDigests(
  { directory, location }: { directory: string; location: string },
  { manifest, entry }: { manifest: Manifest | undefined; entry: CatalogueEntry | undefined },
  { which, signal }: VerifyOptions,
): Promise<string | undefined> {
  const known = manifest?.files.map(({ sha256, ...file }) => ({
    ...file,
    digests: sha256 === undefined ? [] : [sha256],
  }));
  const files: RecordedFile[] = [];
  let changed = false;
  for (const { digests, ...file } of known ?? digestsOf(entry)) {
    const path = join(directory, file.path);
    const stamp = await ifThere(stampOf(path));
    if (stamp === undefined) continue;
    const untouched =
      stamp.sizeBytes === file.sizeBytes &&
      stamp.mtimeMs === file.mtimeMs &&
      stamp.ctimeMs === file.ctimeMs;
    let sha256 = digests[0];
    if (digests.length > 0 && (which === "all" || !untouched)) {
      const actual = await digestOf(path, signal);
      if (!digests.includes(actual))
        return `the sha256 of ${file.path} is ${actual} where ${digests.join(" or ")} is expected`;
      sha256 = actual;
    }
    changed ||= !untouched;
    files.push({ path: file.path, ...stamp, ...(sha256 !== undefined && { sha256 }) });
  }
  if (changed && files.some(({ sha256 }) => sha256 !== undefined))
    await record({ directory, location }, manifest, entry, files);
  return undefined;
}

/** What the catalogue knows of files without a manifest: a digest that any source lacks can't be held against them. */
function digestsOf(
  entry: CatalogueEntry | undefined,
): (Partial<RecordedFile> & { path: string; digests: string[] })[] {
  return (entry?.files ?? []).map(({ path, sources }) => {
    const digests = sources.flatMap(({ sha256 }) => sha256 ?? []);
    return { path, digests: digests.length < sources.length ? [] : [...new Set(digests)] };
  });
}

async function record(
  { directory, location }: { directory: string; location: string },
  manifest: Manifest | undefined,
  entry: CatalogueEntry | undefined,
  files: RecordedFile[],
): Promise<void> {
  const engine = manifest?.engine ?? entry?.engine;
  // A pull may have written another one meanwhile.
  const now = await readManifest(directory, location);
  if (engine === undefined || now?.pulledAt !== manifest?.pulledAt) return;
  const pulledAt = new Date().toISOString();
  const base = manifest ?? { engine, source: byHand, pulledAt };
  // Where it can't be written, the files are read again the next time.
  await writeManifest(directory, location, { ...base, files }).catch(() => undefined);
}
