import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/**
 * The sha256 of a file, in lower-case hexadecimal.
 * @throws the signal's reason, or what the file system says.
 */
export async function digestOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const options = { highWaterMark: 1024 * 1024, ...(signal !== undefined && { signal }) };
  try {
    for await (const chunk of createReadStream(path, options)) hash.update(chunk as Buffer);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return hash.digest("hex");
}
