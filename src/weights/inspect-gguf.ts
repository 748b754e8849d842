import { open } from "node:fs/promises";
import { fileKind } from "./file-kind.ts";
import { startTensorScan } from "./gguf-tensors.ts";

/** Read at once: whole tables of weights in memory would be most of what an idle server holds. */
const pieceBytes = 256 * 1024;
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
    const piece = Buffer.allocUnsafeSlow(Math.min(size, pieceBytes));
    const readFrom = async (place: number): Promise<Buffer> => {
      const { bytesRead } = await handle.read(piece, 0, piece.length, place);
      return piece.subarray(0, bytesRead);
    };
    const start = await readFrom(0);
    const problem = problemOfStart(start) ?? (await problemOfTable(readFrom, size));
    if (seen.size >= seenAtMost) seen.clear();
    seen.set(key, problem);
    return problem;
  } finally {
    await handle.close();
  }
}

async function problemOfTable(
  readFrom: (place: number) => Promise<Buffer>,
  size: number,
): Promise<string | undefined> {
  const scan = startTensorScan();
  for (let place = 8; ;) {
    const found = scan.read(await readFrom(place));
    if (found === "damaged") return "its table of weights is damaged";
    if ("end" in found) return found.end > size ? cutShort(size, found.end) : undefined;
    // Nothing more was read: the file ends here.
    if (found.more === place || found.more >= size)
      return "it is cut short: it ends before its weights begin";
    place = found.more;
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
