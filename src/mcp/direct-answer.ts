import type { ServerResponse } from "node:http";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { pieceBytes, writePieces } from "./write-pieces.ts";

/** The answer to one call, written to its connection without a detour over the SDK's web streams, which cost more than a quick call does. */
export interface DirectAnswer {
  /** Sends a message that belongs to the call; its result or error is the last one. */
  send(message: JSONRPCMessage, isLast: boolean): void;
  /** Ends it without a result: the protocol wants none for a call that was cancelled. */
  end(): void;
}

export interface DirectAnswerOptions {
  /** Of the session, where there is one. */
  readonly sessionId?: string | undefined;
  /** After this long without a result an answer becomes a stream, which keeps connections alive, in milliseconds. */
  readonly streamAfterMs: number;
  /** How often a silent stream says that it is alive, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long a client may take nothing of what waits for it, in milliseconds. */
  readonly stallMs: number;
}

/** Opens the answer to a call: JSON where the result is all of it and comes soon, else a stream of events. */
export function openAnswer(
  response: ServerResponse,
  { sessionId, streamAfterMs, keepAliveMs, stallMs }: DirectAnswerOptions,
): DirectAnswer {
  const waiting: Buffer[] = [];
  let isWriting = false;
  let hasEnded = false;
  let alive: NodeJS.Timeout | undefined;
  let gone: Promise<void> | undefined;
  const late = setTimeout(openStream, streamAfterMs);
  response.once("close", stop);

  function stop(): void {
    hasEnded = true;
    clearTimeout(late);
    clearInterval(alive);
  }

  function openStream(): void {
    if (response.headersSent) return;
    clearTimeout(late);
    response.writeHead(200, headersOf(eventStream, sessionId));
    // Without a first byte no header leaves.
    response.write(":\n\n");
    alive = setInterval(() => void write(": keepalive\n\n"), keepAliveMs);
    alive.unref();
  }

  async function write(text: string): Promise<void> {
    waiting.push(Buffer.from(text));
    if (isWriting) return;
    isWriting = true;
    gone ??= new Promise((resolve) => response.once("close", resolve));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await writePieces(response, next, gone, stallMs);
    isWriting = false;
    if (hasEnded) response.end();
  }

  return {
    send(message, isLast) {
      if (hasEnded || response.destroyed) return;
      const json = JSON.stringify(message);
      const isWhole = isLast && !response.headersSent;
      if (isLast) stop();
      if (!isWhole) {
        openStream();
        void write(`event: message\ndata: ${json}\n\n`);
        return;
      }
      const length = Buffer.byteLength(json);
      response.writeHead(200, {
        ...headersOf("application/json", sessionId),
        "content-length": length,
      });
      if (length <= pieceBytes) response.end(json);
      else void write(json);
    },
    end() {
      if (hasEnded) return;
      openStream();
      stop();
      if (!isWriting) response.end();
    },
  };
}

const eventStream = "text/event-stream";

function headersOf(type: string, sessionId: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { "content-type": type };
  if (sessionId !== undefined) headers["mcp-session-id"] = sessionId;
  if (type === eventStream) {
    headers["cache-control"] = "no-cache, no-transform";
    headers["x-accel-buffering"] = "no";
  }
  return headers;
}
