import { open } from "node:fs/promises";

/**
 * Looks whether a file begins as a GGUF model does.
 * @returns what is wrong, in words; `undefined` where nothing is.
 */
export async function inspectGguf(path: string): Promise<string | undefined> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(24), 0, 24, 0);
    const start = buffer.subarray(0, bytesRead);
    if (start.subarray(0, 4).toString("latin1") !== "GGUF") {
      const shown = JSON.stringify(
        start
          .subarray(0, 16)
          .toString("latin1")
          .replace(/[^ -~]/g, "."),
      );
      return bytesRead === 0 ? "it is empty" : `it is no GGUF file, it begins with ${shown}`;
    }
    if (bytesRead < 24) return "it is cut short";
    const version = start.readUInt32LE(4);
    return version === 2 || version === 3
      ? undefined
      : `it is GGUF version ${version}; 2 and 3 are known`;
  } finally {
    await handle.close();
  }
}
