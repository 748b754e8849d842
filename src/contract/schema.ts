import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

/**
 * Any schema library that validates and can give its JSON Schema: zod 4.2 and newer, ArkType, Valibot with its adapter.
 * See https://standardschema.dev and https://standardschema.dev/json-schema.
 */
export type Schema<Input = unknown, Output = unknown> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>;

export type OutputOf<S extends Schema<unknown, unknown>> = StandardSchemaV1.InferOutput<S>;

/** A JSON Schema document, draft 2020-12. */
export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of what a schema takes (`input`) or gives (`output`), without the `$schema` line. */
export function toJsonSchema(
  schema: Schema<unknown, unknown>,
  side: "input" | "output",
): JsonSchema {
  const { $schema: _, ...document } = schema["~standard"].jsonSchema[side]({
    target: "draft-2020-12",
  });
  return document;
}

/** The names of the fields at a place in a value; of all branches where the schema branches. */
export function fieldsAt(schema: JsonSchema, keys: readonly PropertyKey[]): string[] {
  const places = keys.reduce<JsonSchema[]>(
    (at, key) => at.flatMap((each) => childrenAt(each, key)),
    branchesOf(schema),
  );
  return [...new Set(places.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

function childrenAt(schema: JsonSchema, key: PropertyKey): JsonSchema[] {
  const { items, properties, additionalProperties } = schema;
  const child =
    typeof key === "number"
      ? items
      : ((properties as Record<PropertyKey, unknown> | undefined)?.[key] ?? additionalProperties);
  return typeof child === "object" && child !== null ? branchesOf(child as JsonSchema) : [];
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  const branches = ["anyOf", "oneOf", "allOf"].flatMap(
    (word) => (schema[word] as JsonSchema[] | undefined) ?? [],
  );
  return branches.length === 0 ? [schema] : [schema, ...branches.flatMap(branchesOf)];
}
