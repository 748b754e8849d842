import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const inspector = path.join(
  path.dirname(
    createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json"),
  ),
  "../../.bin/mcp-inspector",
);
const program = fileURLToPath(new URL("./__fixtures__/stdio-entry.ts", import.meta.url));

/** MCP Inspector's command line, as a person would use it. */
async function inspect(...words: string[]): Promise<Record<string, unknown>> {
  const target = ["--cli", process.execPath, program, "--stdio", "--format", "json"];
  const { stdout } = await promisify(execFile)(process.execPath, [inspector, ...target, ...words]);
  return (JSON.parse(stdout) as { result: Record<string, unknown> }).result;
}

describe("MCP Inspector", () => {
  it("finds nothing wrong with the tools, however strict", async () => {
    const { tools } = await inspect("--method", "tools/list", "--strict");
    expect(tools).toHaveLength(6);
  });

  it("calls one", async () => {
    const words = ["--method", "tools/call", "--tool-name", "chat", "--tool-arg", "prompt=hello"];
    expect(await inspect(...words)).toMatchObject({ structuredContent: { text: "hello" } });
  });
});
