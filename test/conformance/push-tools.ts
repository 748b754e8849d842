import type { CallToolResult, ElicitRequestFormParams } from "@modelcontextprotocol/server";
import type { McpTool, ToolCall } from "../../src/mcp/tool.ts";
import { text } from "./content-tools.ts";

type RequestedSchema = ElicitRequestFormParams["requestedSchema"];

/** Tools of the 2025 era that ask the client something while they run. */
export const pushTools: readonly McpTool[] = [
  asking("test_sampling", "prompt", async (prompt, { mcpReq }) => {
    const { content } = await mcpReq.requestSampling({
      messages: [{ role: "user", content: { type: "text", text: prompt } }],
      maxTokens: 100,
    });
    const answer = [content].flat().find((each) => each.type === "text");
    return `LLM response: ${answer?.text ?? "none"}`;
  }),
  asking("test_elicitation", "message", async (message, { mcpReq }) => {
    const { action, content } = await mcpReq.elicitInput({
      message,
      requestedSchema: {
        type: "object",
        properties: {
          username: { type: "string", description: "User's response" },
          email: { type: "string", description: "User's email address" },
        },
        required: ["username", "email"],
      },
    });
    return `User response: action: ${action}, content: ${JSON.stringify(content)}`;
  }),
  eliciting("test_elicitation_sep1034_defaults", {
    type: "object",
    properties: {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    },
  }),
  eliciting("test_elicitation_sep1330_enums", {
    type: "object",
    properties: {
      untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
      titledSingle: { type: "string", oneOf: titled("Option") },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: {
        type: "array",
        items: { type: "string", enum: ["option1", "option2", "option3"] },
      },
      titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
    },
  }),
];

function titled(noun: string) {
  return ["First", "Second", "Third"].map((title, index) => ({
    const: `value${index + 1}`,
    title: `${title} ${noun}`,
  }));
}

function eliciting(name: string, requestedSchema: RequestedSchema): McpTool {
  return asking(name, undefined, async (_, { mcpReq }) => {
    const { action, content } = await mcpReq.elicitInput({ message: "Please", requestedSchema });
    return `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`;
  });
}

function asking(
  name: string,
  argument: string | undefined,
  ask: (value: string, context: ToolCall["context"]) => Promise<string>,
): McpTool {
  const properties = argument === undefined ? {} : { [argument]: { type: "string" as const } };
  return {
    definition: {
      name,
      description: "A fixture.",
      inputSchema: { type: "object", properties, required: argument ? [argument] : [] },
    },
    async call(given, { context }): Promise<CallToolResult> {
      return { content: [text(await ask(String(given[argument ?? ""]), context))] };
    },
  };
}
