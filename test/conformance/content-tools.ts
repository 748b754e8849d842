import { setTimeout as sleep } from "node:timers/promises";
import {
  MissingRequiredClientCapabilityError,
  type CallToolResult,
} from "@modelcontextprotocol/server";
import { ModelyardError } from "../../src/contract/errors.ts";
import type { McpTool, ToolCall } from "../../src/mcp/tool.ts";
import { redPixel, silence } from "./sample-media.ts";

/** Tools that the suite calls for what they return, named and worded as its scenarios say. */
export const contentTools: readonly McpTool[] = [
  returning("test_simple_text", text("This is a simple text response for testing.")),
  returning("test_image_content", { type: "image", data: redPixel, mimeType: "image/png" }),
  returning("test_audio_content", { type: "audio", data: silence, mimeType: "audio/wav" }),
  returning("test_embedded_resource", {
    type: "resource",
    resource: {
      uri: "test://embedded-resource",
      mimeType: "text/plain",
      text: "This is an embedded resource content.",
    },
  }),
  returning(
    "test_multiple_content_types",
    text("Multiple content types test:"),
    { type: "image", data: redPixel, mimeType: "image/png" },
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: JSON.stringify({ test: "data", value: 123 }),
      },
    },
  ),
  tool("test_error_handling", {}, async () => {
    throw new ModelyardError(
      "backend-error",
      "This tool intentionally returns an error for testing",
    );
  }),
  tool("test_tool_with_logging", {}, async (_, { context }) => {
    for (const line of ["started", "processing data", "completed"]) {
      const message = line === "processing data" ? `Tool ${line}` : `Tool execution ${line}`;
      await context.mcpReq.log("info", message);
      await sleep(50);
    }
    return text("Logged three times.");
  }),
  tool("test_logging_tool", {}, async (_, { context }) => {
    await context.mcpReq.log("info", "Only for those who set a level.");
    return text("Logged, or not.");
  }),
  tool("test_tool_with_progress", {}, async (_, { progress }) => {
    for (const doneBytes of [0, 50, 100]) {
      progress.bytes({ phase: "pull", model: "test", doneBytes, totalBytes: 100 });
      // Longer than what the product coalesces.
      await sleep(200);
    }
    return text("Reported 0, 50 and 100.");
  }),
  tool("test_missing_capability", {}, async () => {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  }),
  tool(
    "test_x_mcp_header",
    {
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
      required: ["region"],
    },
    async ({ region }) => text(`Region: ${String(region)}`),
  ),
  tool(
    "json_schema_2020_12_tool",
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    async () => text("Called."),
  ),
];

type Block = CallToolResult["content"][number];

export function text(value: string): Block {
  return { type: "text", text: value };
}

function returning(name: string, ...content: Block[]): McpTool {
  return {
    definition: { name, description: "A fixture.", inputSchema: { type: "object" } },
    call: async () => ({ content }),
  };
}

function tool(
  name: string,
  inputSchema: Record<string, unknown>,
  call: (given: Readonly<Record<string, unknown>>, call: ToolCall) => Promise<Block>,
): McpTool {
  return {
    definition: {
      name,
      description: "A fixture.",
      inputSchema: { ...inputSchema, type: "object" },
    },
    call: async (given, toolCall) => ({ content: [await call(given, toolCall)] }),
  };
}
