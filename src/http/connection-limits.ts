import type { ServerResponse } from "node:http";

/** How long a client may take, in milliseconds. */
export interface ConnectionLimits {
  /** For the headers of a request, from the opening of the connection on. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Without taking anything of an answer that waits for it. */
  readonly stallMs: number;
  /** How often the first two are looked after. */
  readonly checkMs: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  headersMs: 30_000,
  requestMs: 120_000,
  idleMs: 72_000,
  stallMs: 60_000,
  checkMs: 5_000,
};

/** Ends a connection whose client does not take the rest of an answer that has been given whole. */
export function limitStall(response: ServerResponse, stallMs: number): void {
  response.once("prefinish", () => {
    const { socket } = response;
    if (socket === null || response.writableLength === 0) return;
    socket.setTimeout(stallMs);
    // Its clock is put off by what the client takes, and must not be by what the client sends. Not before the request has been read to
    // its end: the parser would set the socket going again.
    setImmediate(() => {
      if (!response.writableFinished) socket.pause();
    });
    // The next request may be waiting behind this answer already: it has all the time that it needs.
    response.once("finish", () => {
      socket.resume();
      if (socket.timeout === stallMs) socket.setTimeout(0);
    });
  });
}
