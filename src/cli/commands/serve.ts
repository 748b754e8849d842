import { InvalidArgumentError } from "commander";
import { addWatchOption } from "../common-options.ts";
import type { Define } from "../program.ts";
import { tuneEngine } from "../tune-engine.ts";

/** `modelyard serve`: runs until it is told to stop, then waits for the answers under way. */
export const defineServe: Define = (command, run) => {
  addWatchOption(command);
  command
    .option(
      "--host <address>",
      "the address to listen on (default: the configuration's, else 127.0.0.1)",
    )
    .option(
      "--port <number>",
      "the port (default: the configuration's, else 4600; 0: any)",
      parsePort,
    )
    .action(
      run(
        async (context, { host, port }: { host?: string; port?: number }) => {
          const { services, log, signal, interruption } = context;
          const gateway = await context.gateway.open();
          const server = await services.serveHttp(gateway, { host, port, log });
          tuneEngine();
          await context.answer(
            `Modelyard answers OpenAI's clients at ${server.url}/v1 and serves MCP at ${server.url}/mcp\n`,
          );
          await new Promise<void>((resolve) => {
            if (signal.aborted) resolve();
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
          interruption.onSecond(() => gateway.close({ drainMs: 0 }));
          log.info("Stopping: waiting for calls under way. Once more ends them.");
          // The gateway ends its calls when their time is up, and only then do their connections close.
          await Promise.all([server.close(), gateway.close()]);
        },
        { longRunning: true },
      ),
    );
};

function parsePort(given: string): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Give a number from 0 to 65535.");
}
