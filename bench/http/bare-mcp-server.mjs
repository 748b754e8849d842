// The alternative to MCP of `modelyard serve`: the SDK's own handlers with one tool that does nothing, requests of the 2026 era each by
// themselves, those of the 2025 era in sessions. Plain JavaScript, as it would be shipped. `node bare-mcp-server.mjs <port>`
import { randomUUID } from "node:crypto";
import http from "node:http";
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { z } from "zod";

const inputSchema = z.object({ prompt: z.string(), model: z.string() });

function create() {
  const server = new McpServer({ name: "bare", version: "1.0.0" });
  server.registerTool("chat", { description: "Says it back.", inputSchema }, ({ prompt }) => ({
    content: [{ type: "text", text: prompt }],
  }));
  return server;
}

const modern = createMcpHandler(create, { legacy: "reject" });
const sessions = new Map();

async function answerLegacy(request, parsedBody) {
  const known = sessions.get(request.headers.get("mcp-session-id"));
  if (known !== undefined) return known.handleRequest(request, { parsedBody });
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await create().connect(transport);
  return transport.handleRequest(request, { parsedBody });
}

async function serve(request, response) {
  if (request.url === "/ready") return response.end("{}");
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  const parsedBody = JSON.parse(text);
  const controller = new AbortController();
  response.once("close", () => response.writableFinished || controller.abort());
  const webRequest = new Request(`http://localhost${request.url}`, {
    method: request.method,
    headers: request.headers,
    signal: controller.signal,
  });
  const answer = (await isLegacyRequest(webRequest, parsedBody))
    ? await answerLegacy(webRequest, parsedBody)
    : await modern.fetch(webRequest, { parsedBody });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body !== null) for await (const bytes of answer.body) response.write(bytes);
  response.end();
}

const server = http.createServer((request, response) => void serve(request, response));
server.listen(Number(process.argv[2]), "127.0.0.1");
