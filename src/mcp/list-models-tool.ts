import type { Tool } from "@modelcontextprotocol/server";
import { didYouMean } from "../contract/nearest.ts";
import type { Gateway, ModelEntry } from "../gateway/api.ts";
import { accessOf } from "./access.ts";
import { invalidArgument, readText, refuseUnknownArguments } from "./read-arguments.ts";
import type { McpTool } from "./tool.ts";

const pageSize = 50;

const definition: Tool = {
  name: "list_models",
  title: "List models",
  description: "Find models by what they can do.",
  inputSchema: {
    type: "object",
    properties: {
      capability: { type: "string" },
      query: { type: "string", description: "Part of a name" },
      cursor: { type: "string" },
    },
  },
  outputSchema: {
    type: "object",
    properties: {
      models: {
        type: "array",
        items: {
          type: "object",
          properties: {
            name: { type: "string" },
            backend: { type: "string" },
            capabilities: { type: "array", items: { type: "string" } },
            derived: { type: "array", items: { type: "string" } },
            loaded: { type: "boolean" },
            health: { type: "string" },
            state: { type: "string" },
            sizeBytes: { type: "integer" },
            contextTokens: { type: "integer" },
            privacy: { type: "string" },
          },
          required: ["name", "backend", "capabilities"],
        },
      },
      nextCursor: { type: "string" },
    },
    required: ["models"],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
};

/** The tool that lists models, a page at a time. */
export function createListModelsTool(gateway: Gateway): McpTool {
  const tools = new Map([...gateway.capabilities.values()].map((each) => [each.names.tool, each]));
  const shownCapability =
    gateway.capabilities.size > 0
      ? { type: "string", enum: [...gateway.capabilities.keys()] }
      : { type: "string" };

  return {
    definition: {
      ...definition,
      inputSchema: {
        ...definition.inputSchema,
        properties: { ...definition.inputSchema.properties, capability: shownCapability },
      },
    },
    async call(given, { signal, context }) {
      refuseUnknownArguments(definition.name, given, ["capability", "query", "cursor"]);
      const wanted = readText(definition.name, given, "capability");
      const query = readText(definition.name, given, "query")?.toLowerCase() ?? "";
      const start = parseCursor(readText(definition.name, given, "cursor"));
      // `classify` is as good a name for the capability as `classification`.
      const capability = tools.get(wanted ?? "")?.name ?? wanted;
      if (capability !== undefined && !gateway.capabilities.has(capability)) {
        const hint = didYouMean(capability, gateway.capabilities.keys());
        const message = `There is none called ${JSON.stringify(capability)}.${hint}`;
        throw invalidArgument(definition.name, "capability", message);
      }
      const all = await gateway.models({ capability, signal, caller: accessOf(context)?.caller });
      const found = all.filter(({ name }) => name.toLowerCase().includes(query));
      const page = found.slice(start, start + pageSize);
      const more = start + pageSize < found.length;
      return {
        content: [{ type: "text", text: describePage(page, found.length - start - page.length) }],
        structuredContent: {
          models: page.map(toListed),
          ...(more ? { nextCursor: toCursor(start + pageSize) } : {}),
        },
      };
    },
  };
}

function toListed(entry: ModelEntry): Record<string, unknown> {
  const { name, backend, capabilities, derived, loaded, health, state, privacy } = entry;
  const { sizeBytes, contextTokens } = entry;
  return {
    name,
    backend,
    capabilities,
    ...(derived === undefined ? {} : { derived }),
    loaded,
    health,
    state,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    privacy,
  };
}

function describePage(page: readonly ModelEntry[], left: number): string {
  const lines = page.map(({ name, capabilities, loaded }) =>
    [`${name}: ${capabilities.join(", ")}`, loaded ? " (loaded)" : ""].join(""),
  );
  if (left > 0) lines.push(`${left} more: go on with nextCursor.`);
  return lines.length === 0 ? "No model fits." : lines.join("\n");
}

function toCursor(start: number): string {
  return Buffer.from(`from ${start}`).toString("base64url");
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const start = /^from (\d+)$/.exec(Buffer.from(cursor, "base64url").toString());
  if (start !== null) return Number(start[1]);
  const remedy = "Leave it out to start from the first page.";
  throw invalidArgument(definition.name, "cursor", "Not one that list_models gave.", remedy);
}
