import fs from "node:fs/promises";
import { ModelyardError } from "../../contract/errors.ts";
import { writeFile } from "../init/write-file.ts";
import type { Client } from "./clients.ts";
import { putJsonEntry, type Wanted } from "./put-json-entry.ts";
import { putTomlEntry } from "./put-toml-entry.ts";

export interface Connected {
  readonly file: string;
  /** What the file held before; left out where it was not there, or is what it was. */
  readonly backup?: string;
  readonly changed: boolean;
}

/**
 * Puts an entry into a client's file, which is kept beside as it was.
 * @throws ModelyardError `invalid-request` where the file can't be changed as it is written; `storage-failed`
 */
export async function connectClient(
  { title, format }: Client,
  file: string,
  wanted: Wanted,
): Promise<Connected> {
  const before = await readText(file);
  let text: string;
  try {
    text = (format === "json" ? putJsonEntry : putTomlEntry)(before ?? "", wanted);
  } catch (error) {
    throw new ModelyardError(
      "invalid-request",
      `${file} is left as it is: ${(error as Error).message}.`,
      {
        cause: error,
        remedy: `Mend it, or add the entry yourself: --print shows what ${title} needs.`,
      },
    );
  }
  if (text === before) return { file, changed: false };
  const remedy =
    "Give yourself the right to write there, or add the entry yourself: --print shows it.";
  if (before === undefined) {
    await writeFile(file, text, remedy);
    return { file, changed: true };
  }
  const backup = `${file}.before-modelyard`;
  await writeFile(backup, before, remedy, file);
  await writeFile(file, text, remedy, file);
  return { file, backup, changed: true };
}

/** Undefined where there is none. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new ModelyardError("storage-failed", `${file} can't be read: ${code}.`, {
      cause: error,
      remedy: "Give yourself the right to read it, or add the entry yourself: --print shows it.",
    });
  }
}

/** The entry by itself, as it stands in such a file. */
export function printEntry({ format }: Client, wanted: Wanted): string {
  return format === "json" ? putJsonEntry("", wanted) : putTomlEntry("", wanted);
}
