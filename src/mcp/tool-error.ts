import { randomUUID } from "node:crypto";
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";

/**
 * A failed call as a result that a model can read and act on: code, message, remedy.
 * The same as data stands under `_meta.error`, as `structuredContent` has to fit the tool's output schema.
 */
export function toToolError(thrown: unknown, log: Pick<Log, "error">): CallToolResult {
  const error = isModelyardError(thrown) ? thrown : hideUnknown(thrown, log);
  const text = [`${error.code}: ${error.message}`, error.remedy ?? ""].join(" ").trimEnd();
  return {
    isError: true,
    content: [{ type: "text", text }],
    _meta: { error: withoutUndefined({ ...error.toJSON() }) },
  };
}

/** Text of an unknown error may hold paths, prompts or keys: it goes to the log alone. */
function hideUnknown(thrown: unknown, log: Pick<Log, "error">): ModelyardError {
  const id = randomUUID();
  const story = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  log.error(`Fault ${id} in a tool: ${story}`);
  return new ModelyardError("internal", "A fault of Modelyard itself.", {
    remedy: `Its log tells more under ${id}.`,
  });
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
