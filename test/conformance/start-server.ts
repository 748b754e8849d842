import { createHttpServer, type HttpServer } from "../../src/http/server.ts";
import { createTrialGateway, silentLog } from "../../src/mcp/__fixtures__/trial-gateway.ts";
import { createMcpHttpHandler } from "../../src/mcp/http.ts";
import type { McpExtension } from "../../src/mcp/server-factory.ts";

/** The product's own server on a free port, with more to find on it where `extension` says so. */
export async function startServer(extension?: McpExtension): Promise<HttpServer> {
  const gateway = createTrialGateway();
  const mcpHandler = createMcpHttpHandler(gateway, {
    version: "0.0.0",
    log: silentLog,
    extension,
  });
  return createHttpServer({ gateway, mcpHandler, log: silentLog, port: 0 });
}
