import type { Tool } from "@modelcontextprotocol/server";
import { formatBytes } from "../contract/format-bytes.ts";
import type { Gateway } from "../gateway/api.ts";
import { accessOf } from "./access.ts";
import { invalidArgument, readText, refuseUnknownArguments } from "./read-arguments.ts";
import type { McpTool } from "./tool.ts";

const definition: Tool = {
  name: "pull_model",
  title: "Pull model",
  description: "Fetch a model's weights.",
  inputSchema: {
    type: "object",
    properties: {
      model: { type: "string", description: "One of list_models, or hf:owner/repo/file.gguf" },
    },
    required: ["model"],
  },
  outputSchema: {
    type: "object",
    properties: {
      model: { type: "string" },
      sizeBytes: { type: "integer" },
      digest: { type: "string" },
    },
    required: ["model"],
  },
  annotations: { destructiveHint: false, idempotentHint: true },
};

/** The tool that fetches a model; its progress counts bytes. */
export function createPullModelTool(gateway: Gateway): McpTool {
  return {
    definition,
    slow: true,
    async call(given, { signal, progress, context }) {
      refuseUnknownArguments(definition.name, given, ["model"]);
      const model = readText(definition.name, given, "model");
      if (model === undefined) {
        const remedy = "list_models names what there is.";
        throw invalidArgument(definition.name, "model", "Missing.", remedy);
      }
      const { digest, sizeBytes, ...pulled } = await gateway.pull(model, {
        // An agent that could name a path would read any file here, and with a URL reach any address from here.
        onlyListed: true,
        caller: accessOf(context)?.caller,
        signal,
        onProgress: progress.bytes,
      });
      const size = sizeBytes === undefined ? "" : `, ${formatBytes(sizeBytes)}`;
      return {
        content: [{ type: "text", text: `${pulled.model} is here${size}` }],
        structuredContent: {
          model: pulled.model,
          ...(sizeBytes === undefined ? {} : { sizeBytes }),
          ...(digest === undefined ? {} : { digest }),
        },
      };
    },
  };
}
