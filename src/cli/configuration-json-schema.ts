import type { AnyBackendDefinition } from "../contract/backend.ts";
import { toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import { backendSettings, configurationSchema } from "../gateway/configuration.ts";
import { withSnakeKeys } from "./with-snake-keys.ts";

type Fields = Record<string, JsonSchema>;

/** The JSON Schema of the configuration, with each kind of backend's own keys: for an editor that completes and checks. */
export function configurationJsonSchema(
  definitions: readonly AnyBackendDefinition[],
  capabilities: readonly string[],
): JsonSchema {
  const document = toJsonSchema(configurationSchema, "input");
  const properties = document["properties"] as Fields;
  const common = toJsonSchema(backendSettings, "input")["properties"] as Fields;
  const offered = { ...common["capabilities"], items: { enum: capabilities } };
  const settings = { ...common, capabilities: offered };
  const isComplete = { anyOf: [{ required: ["backend_type"] }, { required: ["backendType"] }] };
  const model = choose(
    isComplete,
    { oneOf: definitions.map((each) => completeModel(each, settings)) },
    (properties["models"] as { items: JsonSchema }).items,
  );
  const configuration = {
    ...document,
    properties: {
      ...properties,
      backends: {
        ...properties["backends"],
        additionalProperties: { oneOf: definitions.map((each) => backendEntry(each, settings)) },
      },
      models: { ...properties["models"], items: { $ref: "#/$defs/model" } },
    },
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Modelyard configuration",
    ...choose(
      { type: "array" },
      { items: { $ref: "#/$defs/model" } },
      choose(isComplete, { $ref: "#/$defs/model" }, { $ref: "#/$defs/configuration" }),
    ),
    $defs: { configuration, model },
  };
}

function choose(condition: JsonSchema, held: JsonSchema, otherwise: JsonSchema): JsonSchema {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  return { if: condition, then: held, else: otherwise };
}

function backendEntry(
  { type, description, config }: AnyBackendDefinition,
  settings: Fields,
): JsonSchema {
  const own = toJsonSchema(config, "input");
  return {
    ...own,
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: {
      ...settings,
      ...(own["properties"] as Fields | undefined),
      type: { const: type },
    },
    required: ["type", ...((own["required"] as string[] | undefined) ?? [])],
  };
}

/** A model that brings its backend: the kind's keys in `config`, in either spelling, the common ones there or beside. */
function completeModel(
  { type, description, config }: AnyBackendDefinition,
  settings: Fields,
): JsonSchema {
  const { type: _, capabilities, ...common } = settings;
  // Either spelling of a required key will do: which one is missing, the program tells.
  const { required: __, ...own } = withSnakeKeys(toJsonSchema(config, "input"));
  const beside = withSnakeKeys({ properties: common })["properties"] as Fields;
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: {
      $schema: { type: "string" },
      name: { type: "string", pattern: "^[^/]+$" },
      backend_type: { const: type },
      backendType: { const: type },
      config: {
        ...own,
        type: "object",
        properties: {
          model: {
            type: "string",
            description: "The model's name at its backend; name where left out.",
          },
          ...beside,
          ...(own["properties"] as Fields | undefined),
        },
      },
      ...(capabilities === undefined ? {} : { capabilities }),
      ...beside,
    },
    required: ["name"],
    additionalProperties: false,
  };
}
