import { privacyClasses } from "../contract/http/privacy-class.ts";
import type { ServerContext, Tool } from "@modelcontextprotocol/server";
import type { Administrator, Gateway } from "../gateway/api.ts";
import { accessOf } from "./access.ts";
import { invalidArgument, readText, refuseUnknownArguments } from "./read-arguments.ts";
import type { McpTool } from "./tool.ts";

const outputSchema = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
} as const;

const registerModel: Tool = {
  name: "register_model",
  title: "Register model",
  description: "Name a model, or several that stand in for one another, until the server ends.",
  inputSchema: {
    type: "object",
    properties: {
      name: { type: "string" },
      targets: {
        type: "array",
        items: { type: "string" },
        description: "backend/model, the preferred first",
      },
      strategy: { type: "string", enum: ["ordered", "weighted", "fastest", "least-busy"] },
      allowWider: { type: "boolean" },
      privacy: { type: "string", enum: [...privacyClasses] },
    },
    required: ["name", "targets"],
  },
  outputSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
};

const removeModel: Tool = {
  name: "remove_model",
  title: "Remove model",
  description: "Forget a model's name until the server ends; its weights stay.",
  inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  outputSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
};

/** The tools that change what runs: there for the local user and for keys that may, where `server.admin` is on. */
export function createAdministrationTools(gateway: Gateway): McpTool[] {
  async function offered(context: ServerContext): Promise<boolean> {
    const by = administratorOf(context);
    if (by !== "local" && by?.admin !== true) return false;
    return (await gateway.configuration()).admin;
  }

  return [
    {
      definition: registerModel,
      offered,
      async call(given, { context }) {
        refuseUnknownArguments(
          registerModel.name,
          given,
          Object.keys(registerModel.inputSchema.properties ?? {}),
        );
        const name = readName(registerModel.name, given);
        await gateway.change({ kind: "set-model", entry: given }, administratorOf(context));
        return {
          content: [{ type: "text", text: `${name} is there, until the server ends.` }],
          structuredContent: { name },
        };
      },
    },
    {
      definition: removeModel,
      offered,
      async call(given, { context }) {
        refuseUnknownArguments(removeModel.name, given, ["name"]);
        const name = readName(removeModel.name, given);
        await gateway.change({ kind: "remove-model", name }, administratorOf(context));
        const { overFile = [] } = await gateway.configuration();
        const isCovered = overFile.some((each) => each.kind === "model" && each.name === name);
        const told = isCovered
          ? `${name} is gone, until the server ends or its entry in the file changes.`
          : `What was registered as ${name} is gone.`;
        return {
          content: [{ type: "text", text: told }],
          structuredContent: { name },
        };
      },
    },
  ];
}

function readName(tool: string, given: Readonly<Record<string, unknown>>): string {
  const name = readText(tool, given, "name");
  if (name === undefined) throw invalidArgument(tool, "name", "Missing.");
  return name;
}

/** On stdio it is the user who launched us; over HTTP a key has to say who. */
function administratorOf(context: ServerContext): Administrator | undefined {
  return context.http === undefined ? "local" : accessOf(context)?.caller;
}
