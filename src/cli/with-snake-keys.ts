import type { JsonSchema } from "../contract/schema.ts";

/** A JSON Schema that takes each key in snake_case as well, at every depth, and `api_url` for `baseUrl`. */
export function withSnakeKeys(schema: JsonSchema): JsonSchema {
  const { properties, required, items, ...rest } = schema;
  const branches = ["anyOf", "oneOf", "allOf"].flatMap((word) => {
    const list = rest[word] as JsonSchema[] | undefined;
    return list === undefined ? [] : [[word, list.map(withSnakeKeys)] as const];
  });
  return {
    ...rest,
    ...Object.fromEntries(branches),
    ...(properties === undefined
      ? {}
      : { properties: withTwins(properties as Record<string, JsonSchema>) }),
    ...(required === undefined
      ? {}
      : { required: (required as string[]).filter((key) => toSnakeCase(key) === key) }),
    ...(typeof items === "object" && items !== null
      ? { items: withSnakeKeys(items as JsonSchema) }
      : {}),
  };
}

function withTwins(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]) => {
      const inside = withSnakeKeys(value);
      const names = new Set([key, toSnakeCase(key), ...(key === "baseUrl" ? ["api_url"] : [])]);
      return [...names].map((name) => [name, inside] as const);
    }),
  );
}

/** `maxConcurrent` → `max_concurrent`. */
function toSnakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
