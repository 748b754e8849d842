import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createMcpHttpHandler, type McpHttpFace, type McpHttpOptions } from "../http.ts";
import { createTrialGateway, silentLog } from "./trial-gateway.ts";

export interface Running {
  url: string;
  face: McpHttpFace;
  server: Server;
}

/** The handler on a server of its own. */
export async function start(options: Partial<McpHttpOptions> = {}): Promise<Running> {
  const face = createMcpHttpHandler(createTrialGateway(), {
    version: "0.0.0",
    log: silentLog,
    ...options,
  });
  const server = createServer(face.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, face, server };
}

export async function stop({ face, server }: Running): Promise<void> {
  await face.close();
  server.close();
  server.closeAllConnections();
}

/** The same, for one test. */
export async function startForTest(options?: Partial<McpHttpOptions>): Promise<Running> {
  const served = await start(options);
  onTestFinished(() => stop(served));
  return served;
}
