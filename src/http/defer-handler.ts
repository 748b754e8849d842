import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../contract/backend.ts";
import type { RawHandler } from "./server.ts";

/**
 * A handler whose code is loaded by its first request: a server that nobody asks for it starts sooner, and is smaller. What can't be
 * loaded is told to the log, its request is cut off, and the next one tries again.
 */
export function deferHandler(open: () => Promise<RawHandler>, log: Log): RawHandler {
  let opening: Promise<RawHandler> | undefined;
  let closing: Parameters<RawHandler["close"]>[0] | undefined;

  async function opened(): Promise<RawHandler> {
    try {
      return await (opening ??= open());
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function pass(
    request: IncomingMessage,
    response: ServerResponse,
    access: Parameters<RawHandler["handle"]>[2],
  ): Promise<void> {
    const handler = await opened();
    // It says itself that it takes no more.
    if (closing !== undefined) void handler.close(closing);
    if (!response.destroyed) handler.handle(request, response, access);
  }

  return {
    handle(request, response, access) {
      pass(request, response, access).catch((error: unknown) => {
        log.error(
          `HTTP: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        response.destroy();
      });
    },
    async close(options) {
      closing = options;
      // One that could not be loaded has been told of.
      const handler = await opening?.catch(() => undefined);
      await handler?.close(options);
    },
  };
}
