import path from "node:path";
import { compareAll, cpuPerRequest } from "../interleave.ts";
import type { BarGroup, Row } from "../row.ts";
import { legacyCall, modernCall, openSession } from "../../src/mcp/__fixtures__/http-requests.ts";
import type { LoadOrder } from "./load-client.ts";
import { modelyardWith } from "./proxies.ts";
import { startServer, type ServerCommand, type ServerProcess } from "./server-process.ts";
import { startLoad } from "./start-load.ts";

const atOnce = 16;
const requests = 4_000;
const warmUp = 2_000;
const model = "echo/any";
const prompt = "Hello.";

type Call = Pick<LoadOrder, "headers" | "body">;

const eras: Record<string, (url: string) => Promise<Call>> = {
  "2026-07-28": async () => modernCall(model, prompt),
  "2025-11-25": async (url) => ({
    headers: await openSession(url),
    body: legacyCall(model, prompt),
  }),
};

/** `tools/call` over HTTP with a backend that does nothing, beside the bare SDK with a tool that does nothing. */
export const mcpCall: BarGroup = async ({ rounds, say }) => {
  await using servers = new AsyncDisposableStack();
  const start = async (command: ServerCommand) => {
    const server = await startServer(command);
    servers.defer(server.kill);
    return server;
  };
  const bare = path.join(import.meta.dirname, "bare-mcp-server.mjs");
  const ours = await start(await modelyardWith({ echo: { type: "echo" } }));
  const theirs = await start({ words: (port) => [bare, String(port)] });
  await using load = startLoad();
  const rows: Row[] = [];
  for (const [era, prepare] of Object.entries(eras)) {
    say(era);
    const measured = async ({ url, pid }: ServerProcess) => {
      const call = await prepare(`${url}/mcp`);
      const order = { url: `${url}/mcp`, ...call, expected: prompt, atOnce };
      await load.run({ ...order, requests: warmUp });
      return () => load.measure({ pid }, { ...order, requests });
    };
    rows.push(
      ...(await compareAll({
        rounds,
        ours: await measured(ours),
        theirs: await measured(theirs),
        rows: [
          {
            what: `CPU of an MCP tools/call over HTTP, ${era}, against the bare SDK`,
            figure: ({ cpuMsPerRequest }) => cpuMsPerRequest,
            limit: { atMost: 1.3 },
            format: cpuPerRequest,
          },
        ],
      })),
    );
  }
  return rows;
};
