import { randomUUID } from "node:crypto";
import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import type { AnyCapability, AnyEvent } from "../contract/capability.ts";
import { privacyClasses } from "../contract/http/privacy-class.ts";
import { toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import type { CallOptions, CollectedAnswer, Gateway } from "../gateway/api.ts";
import { callKey, describeCall } from "./describe-call.ts";
import type { LargeResults } from "./large-results.ts";
import { readMessages, refuseUnknownArguments } from "./read-arguments.ts";
import { callArguments, readCallOptions } from "./read-call-options.ts";
import { pickProperties, terseSchema } from "./tool-schema.ts";
import { toTitle } from "./to-title.ts";
import type { McpTool, ToolCall } from "./tool.ts";

/** Above this much JSON, numbers are a resource that the result links to, in bytes. */
const largeBytes = 256_000;

/** The tool that a capability stands as. */
export function createCapabilityTool(
  gateway: Gateway,
  capability: AnyCapability,
  largeResults: LargeResults,
): McpTool {
  const { tool: name } = capability.names;
  const fullRequest = toJsonSchema(capability.request, "input");
  const fullResult = toJsonSchema(capability.result, "output");
  const known = [...callArguments, ...Object.keys((fullRequest["properties"] ?? {}) as object)];
  const shown = capability.tool?.result;
  // An optional field that is there was asked for by an argument which the list does not show, so it is kept.
  const hidden = new Set(
    ((fullResult["required"] ?? []) as string[]).filter(
      (field) => shown?.includes(field) === false,
    ),
  );
  const output = outputSchema(fullResult, shown);
  const bulky = Object.entries(output.properties).flatMap(([field, schema]) =>
    isBulky(schema) ? [field] : [],
  );

  async function call(
    given: Readonly<Record<string, unknown>>,
    { signal, progress, meta, context }: ToolCall,
  ): Promise<CallToolResult> {
    refuseUnknownArguments(name, given, known);
    const told = readCallOptions(name, given, context);
    const { model: _, timeoutMs: __, privacy: ___, ...rest } = given;
    const request =
      "messages" in rest ? { ...rest, messages: readMessages(rest["messages"]) } : rest;
    const id = told.id ?? randomUUID();
    const options: CallOptions = { ...told, id, signal, onProgress: progress.event };
    const answer = await askGateway(request, options, progress).finally(() => {
      const trace = gateway.explain(id);
      if (trace !== undefined && trace.caller === told.caller?.name)
        meta[callKey] = describeCall(trace);
    });
    for (const warning of answer.warnings) await context.mcpReq.log("warning", warning, name);
    return toResult(answer, told.caller?.name);
  }

  async function askGateway(
    request: unknown,
    options: CallOptions,
    progress: ToolCall["progress"],
  ): Promise<CollectedAnswer> {
    return capability.event !== undefined && progress.wanted
      ? collectStream(await gateway.stream(capability.name, request, options), progress)
      : gateway.call(capability.name, request, options);
  }

  async function collectStream(
    { events, ...origin }: Awaited<ReturnType<Gateway["stream"]>>,
    progress: ToolCall["progress"],
  ): Promise<CollectedAnswer> {
    const all: AnyEvent[] = [];
    for await (const event of events) {
      const text = capability.text.ofEvent?.(event as never);
      if (text !== undefined && text !== "") progress.text(text);
      all.push(event);
    }
    return { ...origin, result: capability.collect(all as never) };
  }

  function toResult(
    { result, target, warnings }: CollectedAnswer,
    owner: string | undefined,
  ): CallToolResult {
    const fields = Object.entries(result as object).filter(
      ([field, value]) => !hidden.has(field) && value !== undefined,
    );
    const content: CallToolResult["content"] = [
      { type: "text", text: capability.text.ofResult(result as never) },
    ];
    const structuredContent: Record<string, unknown> = {};
    for (const [field, value] of fields) {
      const json = bulky.includes(field) ? JSON.stringify(value) : "";
      if (json.length <= largeBytes)
        structuredContent[field] = field === "usage" ? withoutRaw(value as object) : value;
      else content.push(largeResults.add(field, json, owner));
    }
    structuredContent["model"] = target.model;
    structuredContent["backend"] = target.backend;
    if (warnings.length > 0) structuredContent["warnings"] = [...warnings];
    return { content, structuredContent };
  }

  const input = pickProperties(terseSchema(fullRequest), capability.tool?.arguments);
  const definition: Tool = {
    name,
    title: toTitle(name),
    description: capability.description,
    inputSchema: toObjectSchema({
      ...input,
      properties: {
        ...input.properties,
        model: { type: "string", description: "One of list_models; there is a default" },
        timeoutMs: { type: "integer" },
        privacy: { type: "string", enum: [...privacyClasses] },
      },
    }),
    outputSchema: toObjectSchema({
      ...output,
      required: output.required.filter((field) => !bulky.includes(field)),
    }),
    annotations: { readOnlyHint: true },
  };
  return {
    definition,
    slow: true,
    ...(capability.shown !== undefined && {
      offered: async () => gateway.shows(capability.name),
    }),
    call,
  };
}

function outputSchema(result: JsonSchema, shown: readonly string[] | undefined) {
  const { properties, required, ...rest } = pickProperties(
    terseSchema(withoutRawUsage(result)),
    shown,
  );
  return {
    ...rest,
    properties: {
      ...properties,
      model: { type: "string" },
      backend: { type: "string" },
      warnings: { type: "array", items: { type: "string" } },
    } as Record<string, JsonSchema>,
    required: [...required, "model", "backend"],
  };
}

/** What an upstream says of its own cost is nothing that a model should pay to read. */
function withoutRaw(usage: object): object {
  const { raw: _, ...rest } = usage as { raw?: unknown };
  return rest;
}

/** Of what an answer cost the list names the two figures that everybody has. */
function withoutRawUsage(result: JsonSchema): JsonSchema {
  const properties = (result["properties"] ?? {}) as Record<string, JsonSchema>;
  if (properties["usage"] === undefined) return result;
  const figures = pickProperties(properties["usage"], ["inputTokens", "outputTokens"]);
  for (const figure of Object.keys(figures.properties))
    figures.properties[figure] = { type: "integer" };
  return { ...result, properties: { ...properties, usage: figures } };
}

/** Rows of numbers. */
function isBulky({ type, items }: JsonSchema): boolean {
  return type === "array" && (items as JsonSchema | undefined)?.["type"] === "array";
}

function toObjectSchema({ required, ...schema }: JsonSchema): Tool["inputSchema"] {
  const names = required as string[] | undefined;
  return {
    ...schema,
    type: "object",
    ...(names === undefined || names.length === 0 ? {} : { required: names }),
  };
}
