import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { InvalidArgumentError } from "commander";
import type { Define } from "../program.ts";

/** `modelyard serve`: runs until it is told to stop, then waits for the answers under way. */
export const defineServe: Define = (command, run) => {
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
          const { services, log, signal } = context;
          const gateway = await context.gateway.open();
          tuneEngine();
          const server = await services.serveHttp(gateway, { host, port, log });
          await context.answer(
            `Modelyard answers OpenAI's clients at ${server.url}/v1 and serves MCP at ${server.url}/mcp\n`,
          );
          await new Promise<void>((resolve) => {
            if (signal.aborted) resolve();
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
          log.info("Stopping: waiting for calls under way. Once more ends them.");
          // The gateway ends its calls when their time is up, and only then do their connections close.
          await Promise.all([server.close(), gateway.close()]);
        },
        { longRunning: true },
      ),
    );
};

/** A heap limited to less than some 500 MB by `--max-old-space-size`; V8 counts the room for what is new in, some 200 MB. */
const smallHeapBytes = 700 * 1024 * 1024;

/**
 * V8's own flags, measured with the port's benchmark; one that it no longer knows costs a line on stderr, and nothing else.
 * While calls wait for models V8 takes what they make for long-lived, and makes it old from the start: each quick collection then has to
 * keep all that it sees, and costs several times as much. And a call passes through hundreds of small functions, of which V8 joins no
 * more than suits a page in a browser. The parser of what servers answer is WebAssembly; to optimize it takes 25 MB, half of which stay, so
 * that is for a server that is asked much: after some 300 answers instead of 3.
 * Under a small heap V8 begins a full collection whenever less is left than the room for what is new, 64 MB, and so never ends one but to begin
 * the next: there it goes by how full the heap is.
 */
function tuneEngine(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
  setFlagsFromString("--max-inlined-bytecode-size=1500");
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=5000");
  setFlagsFromString("--wasm-tiering-budget=1300000000");
  if (getHeapStatistics().heap_size_limit < smallHeapBytes) {
    setFlagsFromString("--incremental-marking-soft-trigger=80");
    setFlagsFromString("--incremental-marking-hard-trigger=95");
  }
}

function parsePort(given: string): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Give a number from 0 to 65535.");
}
