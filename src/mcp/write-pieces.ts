import type { ServerResponse } from "node:http";

/** What a client may take its time for is one of these, in bytes. */
export const pieceBytes = 65_536;

/** Writes what may be long, no faster than the client reads it; one who takes nothing of what waits for `stallMs` is given up. `gone` settles when the connection is closed. */
export async function writePieces(
  response: ServerResponse,
  bytes: Uint8Array,
  gone: Promise<void>,
  stallMs: number,
): Promise<void> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    if (response.destroyed) return;
    if (!response.write(bytes.subarray(start, start + pieceBytes)))
      await drained(response, gone, stallMs);
  }
}

async function drained(
  response: ServerResponse,
  gone: Promise<void>,
  stallMs: number,
): Promise<void> {
  // A clock of our own: the socket's is also put off by what a client sends while it reads nothing.
  const timer = setTimeout(() => response.destroy(), stallMs);
  await Promise.race([new Promise((resolve) => response.once("drain", resolve)), gone]);
  clearTimeout(timer);
}
