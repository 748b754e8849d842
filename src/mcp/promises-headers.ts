import type { McpTool } from "./tool.ts";

const promising = new WeakMap<McpTool, boolean>();

/** Whether an argument of a tool is to be repeated in a header. Most tools promise no headers, and to look through their schemas for each call costs. */
export function promisesHeaders(tool: McpTool): boolean {
  let promises = promising.get(tool);
  if (promises === undefined) {
    promises = JSON.stringify(tool.definition.inputSchema).includes('"x-mcp-header"');
    promising.set(tool, promises);
  }
  return promises;
}
