import { once } from "node:events";
import http from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcessGroup } from "../../test/peers/process-group.ts";

/** A server under test, with all the processes that it starts. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process until it answered its first request, in milliseconds. */
  readonly readyMs: number;
  stop(): Promise<void>;
  /** `kill -9`, its children too. */
  kill(): Promise<void>;
}

export interface ServerCommand {
  /** Node where left out. */
  readonly program?: string;
  words(port: number): string[];
  /** Added to our own. */
  readonly environment?: Record<string, string>;
  /** What answers with 200 once it is ready. */
  readonly readyPath?: string;
}

const longestMs = 180_000;
const pollMs = 2;

/** Starts a server at a free port and waits until it is ready. @throws what it said on standard error, where it ends first */
export async function startServer({
  program = process.execPath,
  words,
  environment,
  readyPath = "/ready",
}: ServerCommand): Promise<ServerProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = Object.entries(process.env).filter(([, value]) => value !== undefined);
  const startedAt = performance.now();
  const group = await startProcessGroup(program, words(port), {
    ...(Object.fromEntries(own) as Record<string, string>),
    NODE_ENV: "production",
    ...environment,
  });
  const started = new AbortController();
  const ready = async () => {
    while (!started.signal.aborted && !(await answers(url + readyPath))) {
      if (performance.now() - startedAt > longestMs)
        throw new Error(`${program} is not ready after ${longestMs / 1000} s.`);
      await sleep(pollMs);
    }
  };
  try {
    // What no line holds: it settles only when the program ends too soon.
    await Promise.race([ready(), group.untilSaid(/(?!)/)]);
  } catch (error) {
    await group.kill();
    throw error;
  } finally {
    started.abort();
  }
  const readyMs = performance.now() - startedAt;
  return { pid: group.pid, url, readyMs, stop: group.stop, kill: group.kill };
}

/** One that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode === 200));
    });
    request.once("error", () => resolve(false));
  });
}
