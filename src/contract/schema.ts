import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

/**
 * Any schema library that validates and can give its JSON Schema: zod 4.2 and newer, ArkType, Valibot with its adapter.
 * See https://standardschema.dev and https://standardschema.dev/json-schema.
 */
export type Schema<Input = unknown, Output = unknown> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>;

export type InputOf<S extends Schema<unknown, unknown>> = StandardSchemaV1.InferInput<S>;
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
