import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import { tellError } from "../contract/tell-error.ts";
import { toKnownError } from "./to-known-error.ts";

/**
 * A failed call as a result that a model can read and act on: code, message, remedy.
 * The same as data stands under `_meta.error`, as `structuredContent` has to fit the tool's output schema.
 */
export function toToolError(thrown: unknown, log: Pick<Log, "error">): CallToolResult {
  const error = toKnownError(thrown, log);
  const remedy = nameTools(error.remedy);
  const { code, message, backend } = error;
  const text = `${code}: ${tellError({ message, backend, remedy })}`;
  return {
    isError: true,
    content: [{ type: "text", text }],
    _meta: { error: withoutUndefined({ ...error.toJSON(), remedy }) },
  };
}

/** Who calls a tool can type no command: a remedy points to the tools that do the same, where all that it names have one. */
function nameTools(remedy: string | undefined): string | undefined {
  const named = remedy
    ?.replaceAll("`modelyard models`", "list_models")
    .replaceAll("`modelyard pull`", "pull_model")
    .replaceAll(/`modelyard pull ([^`<\s]+)`/g, (_, model: string) => {
      return `pull_model (model ${JSON.stringify(model)})`;
    });
  return named?.includes("`modelyard ") === true ? remedy : named;
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
