import { readFile, writeFile } from "node:fs/promises";

/** What a partial file is the beginning of; written beside it before its first byte. */
export interface PartialNote {
  key: string;
  validator?: string | undefined;
  sha256?: string | undefined;
  totalBytes?: number | undefined;
}

/** The note beside a partial file; `undefined` where there is none that can be read, and the download begins anew. */
export async function readPartialNote(partialPath: string): Promise<PartialNote | undefined> {
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
