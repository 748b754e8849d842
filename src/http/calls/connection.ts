import type { ServerResponse } from "node:http";
import { ModelyardError } from "../../contract/errors.ts";

/** The connection on which an answer goes out. It listens twice, however many events are written. */
export interface Connection {
  /** Aborts when the client closes it before the answer has ended. */
  readonly signal: AbortSignal;
  /** A promise where the client does not read as fast as we write: wait for it before writing on. */
  write(text: string): Promise<void> | undefined;
}

export function watchConnection(response: ServerResponse): Connection {
  const controller = new AbortController();
  let waiting: { promise: Promise<void>; resolve(): void } | undefined;

  function goOn(): void {
    waiting?.resolve();
    waiting = undefined;
  }

  response.on("drain", goOn);
  response.on("close", () => {
    if (!response.writableFinished)
      controller.abort(new ModelyardError("cancelled", "The client closed the connection."));
    goOn();
  });

  return {
    signal: controller.signal,
    write(text) {
      if (response.destroyed || response.write(text)) return undefined;
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
  };
}
