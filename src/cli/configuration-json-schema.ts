import type { AnyBackendDefinition } from "../contract/backend.ts";
import { toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import { backendSettings, configurationSchema } from "../gateway/configuration.ts";

/** The JSON Schema of the configuration, with each kind of backend's own keys: for an editor that completes and checks. */
export function configurationJsonSchema(definitions: readonly AnyBackendDefinition[]): JsonSchema {
  const document = toJsonSchema(configurationSchema, "input");
  const properties = document["properties"] as Record<string, JsonSchema>;
  const common = toJsonSchema(backendSettings, "input")["properties"] as Record<string, JsonSchema>;
  const kinds = definitions.map(({ type, description, config }) => {
    const own = toJsonSchema(config, "input");
    return {
      ...own,
      type: "object",
      ...(description === undefined ? {} : { description }),
      properties: {
        ...common,
        ...(own["properties"] as Record<string, JsonSchema> | undefined),
        type: { const: type },
      },
      required: ["type", ...((own["required"] as string[] | undefined) ?? [])],
    };
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Modelyard configuration",
    ...document,
    properties: {
      ...properties,
      backends: { ...properties["backends"], additionalProperties: { oneOf: kinds } },
    },
  };
}
