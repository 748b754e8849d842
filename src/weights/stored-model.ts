import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./catalogue.ts";
import { isSafePath } from "./safe-path.ts";
import { toStorageError } from "./to-storage-error.ts";

export interface StoredFile {
  /** Below the store's folder, with `/`. */
  path: string;
  sizeBytes: number;
  sha256?: string;
}

/** A file as it was when its digest was known to be right. */
export interface RecordedFile extends StoredFile {
  mtimeMs?: number;
  ctimeMs?: number;
}

/** A model whose files are here. */
export interface StoredModel {
  /** The catalogue's name, else the place below the store's folder. */
  name: string;
  engine: Engine;
  /** Absolute: the file of a GGUF model (of several, the first), the folder of an ONNX model. */
  path: string;
  files: StoredFile[];
  sizeBytes: number;
  /** Where it came from, in words. */
  source: string;
  /** The commit at the hub, where it is known. */
  revision?: string;
  /** Of the weights, where it is known. */
  sha256?: string;
  /** Why it can't be used: damaged or cut short. */
  problem?: string;
}

/** What was pulled; lies beside the model, so that folders can be moved and shared. */
export interface Manifest {
  engine: Engine;
  files: RecordedFile[];
  source: string;
  revision?: string;
  pulledAt: string;
}

/** The source of what nobody pulled. */
export const byHand = "put there by hand";

/** What a model is called on the command line: a name with a slash needs its backend, or its first part would be read as one. */
export function callableName({ name, engine }: Pick<StoredModel, "name" | "engine">): string {
  return /\/|\.gguf$/i.test(name) ? `${engine}/${name}` : name;
}

export const manifestSuffix = ".modelyard.json";

/** The manifest of what lies at a place below the store's folder; `undefined` where there is none that can be read. */
export async function readManifest(
  directory: string,
  location: string,
): Promise<Manifest | undefined> {
  try {
    const text = await readFile(join(directory, location + manifestSuffix), "utf8");
    const read = JSON.parse(text) as Partial<Manifest>;
    const files = (read.files ?? []).filter(
      ({ path, sizeBytes }) => typeof sizeBytes === "number" && isSafePath(path),
    );
    if ((read.engine !== "llama-cpp" && read.engine !== "huggingface") || files.length === 0)
      return undefined;
    return {
      engine: read.engine,
      files,
      source: typeof read.source === "string" ? read.source : "unknown",
      pulledAt: typeof read.pulledAt === "string" ? read.pulledAt : "",
      ...(typeof read.revision === "string" && { revision: read.revision }),
    };
  } catch {
    // Without a manifest the files speak for themselves.
    return undefined;
  }
}

/** Writes a manifest beside its place and then renames it, so that none is ever half written. */
export async function writeManifest(
  directory: string,
  location: string,
  manifest: Manifest,
): Promise<void> {
  const path = join(directory, location + manifestSuffix);
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {}); // what kept it from being written is told
    throw toStorageError(error, path);
  }
}
