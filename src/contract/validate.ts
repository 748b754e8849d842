import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ModelyardError, type ErrorCode } from "./errors.ts";
import { didYouMean } from "./nearest.ts";
import { toJsonSchema, type JsonSchema, type Schema } from "./schema.ts";

/** One thing wrong with a value: where, and what was found. */
export interface Problem {
  /** As a person writes it: `backends.ollama.timeouts.connectMs`, `messages[0].role`; empty for the whole value. */
  path: string;
  message: string;
}

/**
 * The value as the schema gives it.
 * @throws {ModelyardError} `code` (default `invalid-request`) with every problem at once in `details.problems`.
 */
export function validate<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
  { what, code = "invalid-request" }: { what: string; code?: ErrorCode },
): Output {
  const outcome = schema["~standard"].validate(value);
  if (outcome instanceof Promise)
    throw new ModelyardError("internal", `The schema of ${what} is asynchronous.`);
  if (outcome.issues === undefined) return outcome.value;
  const problems = describeIssues(outcome.issues, value, toJsonSchema(schema, "input"));
  const list = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  throw new ModelyardError(code, `Invalid ${what}: ${list.join("; ")}`, { details: { problems } });
}

/** What the schema library said, one problem for each unknown key, each with the nearest right word. */
export function describeIssues(
  issues: readonly StandardSchemaV1.Issue[],
  value: unknown,
  schema: JsonSchema,
): Problem[] {
  return issues.flatMap((issue) => {
    const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
    const { keys: unknownKeys } = issue as { keys?: unknown };
    if (!Array.isArray(unknownKeys))
      return [{ path: formatPath(keys), message: describeIssue(issue, valueAt(value, keys)) }];
    const known = Object.keys((schemaAt(schema, keys)?.["properties"] as object | undefined) ?? {});
    return unknownKeys.map((key: string) => ({
      path: formatPath([...keys, key]),
      message: `Unknown key.${didYouMean(key, known) || (known.length > 0 ? ` Known: ${known.join(", ")}.` : "")}`,
    }));
  });
}

function describeIssue(issue: StandardSchemaV1.Issue, found: unknown): string {
  const { values } = issue as { values?: unknown };
  if (Array.isArray(values) && typeof found === "string") {
    return `${issue.message}, found ${JSON.stringify(found)}.${didYouMean(found, values.map(String))}`;
  }
  return issue.message;
}

export function formatPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined | null)?.[key],
    value,
  );
}

/** Follows `properties`, `additionalProperties` and `items`; undefined where the schema branches. */
function schemaAt(schema: JsonSchema, keys: readonly PropertyKey[]): JsonSchema | undefined {
  return keys.reduce<JsonSchema | undefined>((at, key) => {
    if (typeof key === "number") return at?.["items"] as JsonSchema | undefined;
    const properties = at?.["properties"] as Record<PropertyKey, JsonSchema> | undefined;
    return properties?.[key] ?? (at?.["additionalProperties"] as JsonSchema | undefined);
  }, schema);
}
