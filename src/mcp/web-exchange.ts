import type { IncomingMessage, ServerResponse } from "node:http";
import { writePieces } from "./write-pieces.ts";

/** A Node request as the SDK wants it, without its body; aborted when the client goes before it has its answer. */
export function toWebRequest(request: IncomingMessage, response: ServerResponse): Request {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort(new Error("The client went away."));
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // It has done its work: a key goes no further.
    if (name === "authorization") continue;
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  // The id that the HTTP server gave it, or took over from the caller: calls are then known by the same one.
  const id = response.getHeader("x-request-id");
  if (typeof id === "string") headers.set("x-request-id", id);
  const url = new URL(request.url ?? "/", "http://localhost");
  return new Request(url, {
    method: request.method ?? "GET",
    headers,
    signal: controller.signal,
  });
}

/** Sends an answer of the SDK, no faster than the client reads it; one who takes nothing of what waits for `stallMs` is given up. */
export async function sendWebResponse(
  response: ServerResponse,
  { status, headers, body }: Response,
  stallMs: number,
): Promise<void> {
  // What is there at once leaves at once, in one piece.
  const { socket } = response;
  socket?.cork();
  setImmediate(() => socket?.uncork());
  response.writeHead(status, Object.fromEntries(headers));
  if (body === null) {
    response.end();
    return;
  }
  // Without a first byte no header leaves: a client that listens for events would wait for the first of them to know that it may.
  if (headers.get("content-type") === "text/event-stream") response.write(":\n\n");
  const reader = body.getReader();
  const gone = new Promise<void>((resolve) => response.once("close", resolve));
  void gone.then(() => reader.cancel().catch(noteCancelled));
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      await writePieces(response, step.value, gone, stallMs);
    }
  } finally {
    response.end();
  }
}

/** A stream that has failed already needs no cancelling. */
function noteCancelled(): void {}
