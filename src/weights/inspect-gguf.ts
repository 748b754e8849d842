import { open } from "node:fs/promises";
import { fileKind } from "./file-kind.ts";
import { endOfTensors } from "./gguf-tensors.ts";

const firstRead = 1024 * 1024;
const seen = new Map<string, string | undefined>();
const seenAtMost = 1000;

/**
 * Looks whether a file is a GGUF model and holds all the weights that its table promises.
 * @returns what is wrong, in words; `undefined` where nothing is.
 */
export async function inspectGguf(path: string): Promise<string | undefined> {
  const handle = await open(path, "r");
  try {
    const { size, mtimeMs, ctimeMs, ino } = await handle.stat();
    // Folders of models are listed time and again.
    const key = [path, size, mtimeMs, ctimeMs, ino].join("\n");
    if (seen.has(key)) return seen.get(key);
    let bytes = Buffer.alloc(0);
    const grow = async (to: number): Promise<void> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(to), 0, to, 0);
      bytes = buffer.subarray(0, bytesRead);
    };
    await grow(Math.min(size, firstRead));
    let problem = problemOfStart(bytes);
    while (problem === undefined) {
      const end = endOfTensors(bytes);
      if (end === "damaged") problem = "its table of weights is damaged";
      else if (end !== "more") {
        if (end > size) problem = cutShort(size, end);
        break;
      } else if (bytes.length >= size)
        problem = "it is cut short: it ends before its weights begin";
      else await grow(Math.min(size, bytes.length * 4));
    }
    if (seen.size >= seenAtMost) seen.clear();
    seen.set(key, problem);
    return problem;
  } finally {
    await handle.close();
  }
}

function problemOfStart(start: Buffer): string | undefined {
  if (start.length === 0) return "it is empty";
  if (start.subarray(0, 4).toString("latin1") !== "GGUF")
    return `it is no GGUF file but ${fileKind(start)}`;
  if (start.length < 24) return "it is cut short: it ends before its weights begin";
  const version = start.readUInt32LE(4);
  return version === 2 || version === 3
    ? undefined
    : `it is GGUF version ${version}; 2 and 3 are known`;
}

function cutShort(size: number, end: number): string {
  return `it is cut short: it is ${size} bytes where its weights take it to ${end}`;
}
