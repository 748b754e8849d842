import type { ServerResponse } from "node:http";
import { ModelyardError } from "../../contract/errors.ts";
import type { Access } from "../../gateway/api.ts";

/** The connection on which an answer goes out. It listens once, and once more while the client is slow, however many events are written. */
export interface Connection {
  /** Aborts when the client closes it before the answer has ended, or when the client's key is revoked. */
  readonly signal: AbortSignal;
  /** The same signal's, for the call that is made for this connection. */
  readonly controller: AbortController;
  /** A promise where the client does not read as fast as we write: wait for it before writing on. */
  write(text: string): Promise<void> | undefined;
}

export interface ConnectionOptions {
  /** Who called, where they had to prove that. */
  readonly access?: Access | undefined;
  /** How long what was written may wait for the client before the connection is closed, in milliseconds; for ever where left out. */
  readonly stallMs?: number;
}

export function watchConnection(
  response: ServerResponse,
  { access, stallMs }: ConnectionOptions = {},
): Connection {
  const controller = new AbortController();
  let stall: NodeJS.Timeout | undefined;
  let waiting: { promise: Promise<void>; resolve(): void } | undefined;

  function goOn(): void {
    clearTimeout(stall);
    stall = undefined;
    waiting?.resolve();
    waiting = undefined;
  }

  const release = access?.onRevoked((reason) => {
    controller.abort(reason);
    goOn();
  });
  response.on("close", () => {
    release?.();
    if (!response.writableFinished)
      controller.abort(new ModelyardError("cancelled", "The client closed the connection."));
    goOn();
  });

  return {
    signal: controller.signal,
    controller,
    write(text) {
      if (response.destroyed || response.write(text)) return undefined;
      // A clock of our own: the socket's is also put off by what a client sends while it reads nothing.
      if (stallMs !== undefined) stall ??= setTimeout(() => response.destroy(), stallMs);
      if (waiting === undefined) response.once("drain", goOn);
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
  };
}
