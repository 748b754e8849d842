import type { StandardSchemaV1 } from "@standard-schema/spec";
import { formatPath } from "../contract/describe-issues.ts";
import type { Schema } from "../contract/schema.ts";
import { validateNow } from "../contract/validate-now.ts";
import type { Literals } from "./expand-variables.ts";

/** What a schema makes of a value: where a variable's text does not fit, its number or boolean is tried. `value` is what was judged. */
export function validateLiterals<Output>(
  schema: Schema<unknown, Output>,
  given: unknown,
  literals: Literals,
  base: readonly PropertyKey[] = [],
): { outcome: StandardSchemaV1.Result<Output>; value: unknown } {
  const outcome = validateNow(schema, given);
  const value = (outcome.issues ?? []).reduce<unknown>((judged, { path = [] }) => {
    const keys = path.map((part) => (typeof part === "object" ? part.key : part));
    const literal = literals.get(formatPath([...base, ...keys]));
    return literal === undefined ? judged : put(judged, keys, literal);
  }, given);
  return { outcome: value === given ? outcome : validateNow(schema, value), value };
}

function put(value: unknown, [key, ...rest]: readonly PropertyKey[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const inside = (value as Record<PropertyKey, unknown>)[key];
  if (Array.isArray(value)) return value.with(Number(key), put(inside, rest, leaf));
  return { ...(value as object), [key]: put(inside, rest, leaf) };
}
