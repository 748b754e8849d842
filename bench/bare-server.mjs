// The alternative to `modelyard mcp`: the SDK's server with one tool. Plain JavaScript, as it would be shipped.
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const server = new McpServer({ name: "bare", version: "1.0.0" });

server.registerTool(
  "say",
  { description: "Says it back.", inputSchema: z.object({ text: z.string() }) },
  ({ text }) => ({ content: [{ type: "text", text }] }),
);

await server.connect(new StdioServerTransport());
