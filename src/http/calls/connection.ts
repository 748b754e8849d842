import type { ServerResponse } from "node:http";
import { ModelyardError } from "../../contract/errors.ts";
import type { Access } from "../../gateway/api.ts";

/** The connection on which an answer goes out. It listens twice, however many events are written. */
export interface Connection {
  /** Aborts when the client closes it before the answer has ended, or when the client's key is revoked. */
  readonly signal: AbortSignal;
  /** A promise where the client does not read as fast as we write: wait for it before writing on. */
  write(text: string): Promise<void> | undefined;
}

export interface ConnectionOptions {
  /** Who called, where they had to prove that. */
  readonly access?: Access | undefined;
  /** How long a client may take nothing of what waits for it before the connection is closed, in milliseconds. */
  readonly stallMs?: number;
}

export function watchConnection(
  response: ServerResponse,
  { access, stallMs = 0 }: ConnectionOptions = {},
): Connection {
  const controller = new AbortController();
  let waiting: { promise: Promise<void>; resolve(): void } | undefined;

  function goOn(): void {
    waiting?.resolve();
    waiting = undefined;
  }

  const release = access?.onRevoked((reason) => {
    controller.abort(reason);
    goOn();
  });
  response.on("drain", () => {
    response.socket?.setTimeout(0);
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
    write(text) {
      if (response.destroyed || response.write(text)) return undefined;
      // The socket's own clock: it is put off by every byte that the client takes.
      response.socket?.setTimeout(stallMs);
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
  };
}
