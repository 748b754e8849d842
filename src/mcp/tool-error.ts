import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import { toKnownError } from "./to-known-error.ts";

/**
 * A failed call as a result that a model can read and act on: code, message, remedy.
 * The same as data stands under `_meta.error`, as `structuredContent` has to fit the tool's output schema.
 */
export function toToolError(thrown: unknown, log: Pick<Log, "error">): CallToolResult {
  const error = toKnownError(thrown, log);
  const text = [`${error.code}: ${error.message}`, error.remedy ?? ""].join(" ").trimEnd();
  return {
    isError: true,
    content: [{ type: "text", text }],
    _meta: { error: withoutUndefined({ ...error.toJSON() }) },
  };
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
