import type { JsonSchema } from "../contract/schema.ts";

/**
 * A schema in fewer words, for a tool list that is paid for in tokens on every turn: it allows all that the original allows, and little more.
 * Alternatives between objects become one object; limits that no caller meets and what only a validator reads are left out.
 */
export function terseSchema(schema: JsonSchema): JsonSchema {
  const alternatives = (schema["oneOf"] ?? schema["anyOf"]) as JsonSchema[] | undefined;
  if (alternatives !== undefined) return mergeSchemas(alternatives.map(terseSchema));
  if ("const" in schema) return toEnum([schema["const"]]);
  if (Array.isArray(schema["enum"])) return toEnum(schema["enum"]);
  const { type, properties, items, required, additionalProperties, contentEncoding } = schema;
  const { description } = schema;
  return {
    ...(type === undefined ? {} : { type }),
    ...(description === undefined ? {} : { description }),
    ...limitsOf(schema),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(isSchema(items) ? { items: terseSchema(items) } : {}),
    ...(isSchema(properties) ? { properties: mapValues(properties, terseSchema) } : {}),
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
    ...(isSchema(additionalProperties) && Object.keys(additionalProperties).length > 0
      ? { additionalProperties: terseSchema(additionalProperties) }
      : {}),
  };
}

/** The properties of an object schema that `names` holds (all where it is left out), with what is required of them. */
export function pickProperties(
  { properties, required, ...rest }: JsonSchema,
  names: readonly string[] | undefined,
): JsonSchema & { properties: Record<string, JsonSchema>; required: string[] } {
  const all = (properties ?? {}) as Record<string, JsonSchema>;
  const wanted = names ?? Object.keys(all);
  return {
    ...rest,
    properties: Object.fromEntries(
      wanted.flatMap((name) => {
        const property = all[name];
        return property === undefined ? [] : [[name, property]];
      }),
    ),
    required: ((required ?? []) as string[]).filter((name) => wanted.includes(name)),
  };
}

/** One schema that allows what any of several allows. */
function mergeSchemas(schemas: readonly JsonSchema[]): JsonSchema {
  const flat = unique(
    schemas.flatMap((schema) => (schema["anyOf"] as JsonSchema[] | undefined) ?? [schema]),
  );
  const merged = [
    ...mergeAll(flat, (schema) => Array.isArray(schema["enum"]), mergeEnums),
    ...mergeAll(flat, (schema) => schema["type"] === "object", mergeObjects),
    ...mergeAll(flat, (schema) => schema["type"] === "array", mergeArrays),
  ];
  const others = flat.filter(
    (schema) =>
      !Array.isArray(schema["enum"]) && schema["type"] !== "object" && schema["type"] !== "array",
  );
  const all = unique([...others, ...merged]);
  return all.length === 1 ? (all[0] ?? {}) : { anyOf: all };
}

function mergeAll(
  schemas: readonly JsonSchema[],
  isOfKind: (schema: JsonSchema) => boolean,
  merge: (schemas: readonly JsonSchema[]) => JsonSchema,
): JsonSchema[] {
  const ofKind = schemas.filter(isOfKind);
  return ofKind.length < 2 ? ofKind : [merge(ofKind)];
}

function mergeEnums(schemas: readonly JsonSchema[]): JsonSchema {
  return toEnum([...new Set(schemas.flatMap((schema) => schema["enum"] as unknown[]))]);
}

/** With its type where it has one: not every client can do without. */
function toEnum(values: readonly unknown[]): JsonSchema {
  const texts = values.every((value) => typeof value === "string");
  return { ...(texts ? { type: "string" } : {}), enum: values };
}

function mergeArrays(schemas: readonly JsonSchema[]): JsonSchema {
  return {
    type: "array",
    items: mergeSchemas(schemas.map((each) => (each["items"] ?? {}) as JsonSchema)),
  };
}

function mergeObjects(schemas: readonly JsonSchema[]): JsonSchema {
  const each = schemas.map((schema) => pickProperties(schema, undefined));
  const names = new Set(each.flatMap(({ properties }) => Object.keys(properties)));
  const properties = [...names].map((name) => {
    const variants = each
      .map((schema) => schema.properties[name])
      .filter((variant) => variant !== undefined);
    return [name, mergeSchemas(variants)];
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: each.map(({ required }) => required).reduce((a, b) => a.filter((x) => b.includes(x))),
  };
}

/** Only limits that tell a caller something: not that of every integer, nor that a text must not be empty. */
function limitsOf(schema: JsonSchema): JsonSchema {
  const told = Object.entries(schema).filter(
    ([name, limit]) =>
      ["minimum", "exclusiveMinimum", "maximum"].includes(name) &&
      Math.abs(limit as number) < Number.MAX_SAFE_INTEGER,
  );
  return Object.fromEntries(told);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(record: JsonSchema, map: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, map(value as JsonSchema)]),
  );
}

function unique(schemas: readonly JsonSchema[]): JsonSchema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}
