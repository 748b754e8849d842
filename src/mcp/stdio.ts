import type { Readable, Writable } from "node:stream";
import { serveStdio as serveSdkStdio } from "@modelcontextprotocol/server/stdio";
import type { Log } from "../contract/backend.ts";
import type { Gateway } from "../gateway/api.ts";
import { announceHealth } from "./announce-health.ts";
import { announceModels } from "./announce-models.ts";
import { createMcpServerFactory, type McpExtension } from "./server-factory.ts";
import { createStdioTransport } from "./stdio-transport.ts";

export interface StdioOptions {
  readonly version: string;
  readonly log: Log;
  /** The longest message that is read, in bytes; 32 MiB where left out. */
  readonly maxMessageBytes?: number;
  /** Ends it from this side. */
  readonly signal?: AbortSignal | undefined;
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly extension?: McpExtension | undefined;
}

/** Serves MCP on standard input and output; settles when the client has closed either, or the signal fires, every call under way being aborted. */
export async function serveStdio(
  gateway: Gateway,
  {
    version,
    log,
    maxMessageBytes = 32 * 1024 * 1024,
    signal,
    stdin = process.stdin,
    stdout = process.stdout,
    extension,
  }: StdioOptions,
): Promise<void> {
  const servers = createMcpServerFactory(gateway, { version, log, extension });
  await new Promise<void>((onEnd) => {
    const handle = serveSdkStdio(
      () => {
        const server = servers.create();
        const silences = [
          announceModels(gateway, () => server.sendResourceListChanged()),
          announceHealth(gateway, (note) => {
            if ((server.server.getNegotiatedProtocolVersion() ?? "2026") >= "2026") return;
            server.sendLoggingMessage(note).catch((error: unknown) => {
              log.debug(`MCP on stdio: ${String(error)}`);
            });
          }),
        ];
        // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's hook, no event target
        server.server.onclose = () => {
          for (const silence of silences) silence();
        };
        return server;
      },
      {
        transport: createStdioTransport({ stdin, stdout, maxMessageBytes, onEnd }),
        onerror: (error) => log.debug(`MCP on stdio: ${error.message}`),
      },
    );
    if (signal?.aborted === true) void handle.close();
    signal?.addEventListener("abort", () => void handle.close(), { once: true });
  });
}
