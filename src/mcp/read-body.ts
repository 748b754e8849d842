import type { IncomingMessage } from "node:http";

/** How long the rest of a body that is too long is listened to, in milliseconds. */
const patienceMs = 5_000;

/**
 * A request's body as text; undefined where it is longer than `maxBytes`. The rest is then read and dropped for a while:
 * a client that is still sending would find the connection reset, and never read why.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  let tooLong = Number(request.headers["content-length"]) > maxBytes;
  let since = performance.now();
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (!tooLong && length > maxBytes) {
      tooLong = true;
      since = performance.now();
      parts.length = 0;
    }
    if (!tooLong) parts.push(part);
    else if (performance.now() - since > patienceMs) return undefined;
  }
  return tooLong ? undefined : Buffer.concat(parts).toString();
}
