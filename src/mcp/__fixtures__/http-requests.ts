import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

export const version = "io.modelcontextprotocol/protocolVersion";
export const capabilities = "io.modelcontextprotocol/clientCapabilities";

export const headers = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

export function initializeBody(protocolVersion = "2025-11-25"): string {
  const clientInfo = { name: "test", version: "0" };
  const params = { protocolVersion, capabilities: {}, clientInfo };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
}

/** A call in the words of the 2026 era. */
export function modernCall(model: string, prompt = "hi", _meta: object = {}) {
  return {
    headers: {
      ...headers,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "chat",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "chat",
        arguments: { prompt, model },
        _meta: { [version]: "2026-07-28", [capabilities]: {}, ..._meta },
      },
    }),
  };
}

/** Opens a session of the 2025 era; gives the headers of requests in it. */
export async function openSession(url: string): Promise<Record<string, string>> {
  const response = await fetch(url, { method: "POST", headers, body: initializeBody() });
  await response.text();
  return { ...headers, "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
}

export function legacyCall(model: string, prompt = "hi"): string {
  const params = { name: "chat", arguments: { prompt, model } };
  return JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
}
