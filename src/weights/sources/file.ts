import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ModelyardError } from "../../contract/errors.ts";
import { type FileSource, type Opened, type OpenOptions, pathOf } from "./source.ts";

/** Opens a file on this machine. */
export async function openFile(
  source: FileSource,
  { offset, validator, signal }: OpenOptions,
): Promise<Opened> {
  const path = pathOf(source);
  const facts = await stat(path).catch((error: unknown) => {
    const reason =
      error instanceof Error && "code" in error && error.code === "ENOENT"
        ? "does not exist"
        : "can't be read";
    throw new ModelyardError("download-failed", `${path} ${reason}`, {
      details: { reached: true },
      cause: error,
    });
  });
  if (!facts.isFile())
    throw new ModelyardError("download-failed", `${path} is not a file`, {
      details: { reached: true },
    });
  const now = `"${facts.size}-${facts.mtimeMs}"`;
  const start = validator === now && offset <= facts.size ? offset : 0;
  return {
    stream: createReadStream(path, { start, signal, highWaterMark: 1024 * 1024 }),
    offset: start,
    totalBytes: facts.size,
    validator: now,
  };
}
