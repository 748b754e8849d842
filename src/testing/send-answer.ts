import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { isStream, type Answer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";

/** Between what was written and a connection that breaks, so that the other side has read it: a reset overtakes what it finds. */
const settleMs = 30;

/** Sends an answer whole. */
export async function sendAnswer(exchange: Exchange, answer: Answer): Promise<void> {
  await sendUntil(exchange, answer, "end");
  exchange.response.end();
}

/**
 * How far an answer gets. `middle`: three events, or half of a body in one piece. `last-byte`: all of it, without what says that it
 * has ended: the last chunk of a stream, the last byte of a body whose length was told. `afterBytes` never reaches the end of such a body.
 */
export type Point =
  | "before-headers"
  | "after-headers"
  | "middle"
  | "last-byte"
  | "end"
  | { afterBytes: number };

/** Sends an answer up to a point, and leaves the response open. */
export async function sendUntil(exchange: Exchange, answer: Answer, point: Point): Promise<void> {
  const { response } = exchange;
  if (point === "before-headers") return;
  if (isStream(answer)) {
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    if (point !== "after-headers") await writeParts(exchange, answer, point);
    return;
  }
  const body = await wholeBody(answer);
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length });
  response.flushHeaders();
  const length = bodyLength(body.length, point);
  if (length > 0) await write(response, body.subarray(0, length));
}

async function writeParts(
  { response, signal }: Exchange,
  answer: Answer,
  point: Point,
): Promise<void> {
  let left = typeof point === "object" ? point.afterBytes : Number.POSITIVE_INFINITY;
  let events = point === "middle" ? 3 : Number.POSITIVE_INFINITY;
  for await (const part of answer.parts) {
    if (signal.aborted) return;
    await write(response, part.subarray(0, left));
    left -= part.length;
    events -= 1;
    if (left <= 0 || events === 0) return;
  }
}

function bodyLength(whole: number, point: Point): number {
  if (typeof point === "object") return Math.min(point.afterBytes, whole - 1);
  if (point === "middle") return Math.floor(whole / 2);
  if (point === "last-byte") return whole - 1;
  return point === "end" ? whole : 0;
}

export function wholeBody({ parts }: Answer): Promise<Buffer> {
  return buffer(parts);
}

/** Settles once the system has taken the bytes, or nobody wants them any more. */
export async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.destroyed || bytes.length === 0) return;
  const closed = new AbortController();
  const written = new Promise<void>((resolve) => void response.write(bytes, () => resolve()));
  const gone = once(response, "close", { signal: closed.signal }).catch(() => {}); // given up once the bytes are written
  await Promise.race([written, gone]);
  closed.abort();
}

/** Gives the other side time to read. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, settleMs));
}
