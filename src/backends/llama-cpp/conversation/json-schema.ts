import type { Llama, LlamaGrammar } from "node-llama-cpp";
import type { JsonSchema } from "../../../contract/schema.ts";
import { ModelyardError } from "../../../contract/errors.ts";

/** A schema as the library's grammar takes it. */
export type GrammarSchema = Parameters<Llama["createGrammarForJsonSchema"]>[0];

/** Says something about a value without limiting it. */
const annotations = new Set(
  "$schema $id $comment title description default examples example deprecated readOnly writeOnly".split(
    " ",
  ),
);

/** Keywords that the library's grammar keeps, by the type that they limit. */
const kept: Record<string, readonly string[]> = {
  string: ["minLength", "maxLength", "format"],
  array: ["items", "prefixItems", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties", "minProperties", "maxProperties"],
  number: [],
  integer: [],
  boolean: [],
  null: [],
};
const structural = ["type", "enum", "const", "oneOf", "anyOf", "$ref", "$defs", "definitions"];
const formats = ["date", "time", "date-time"];

/**
 * A JSON Schema in the words of the library, whose grammar drops in silence what it does not know. What is made is narrower in two ways, and
 * so still allowed by the schema: every property is written, and none that is not named.
 * @param path where in the request it stands, for errors.
 * @throws ModelyardError `invalid-request` that names the keyword which a grammar can't hold, and where it is.
 */
export function toGrammarSchema(schema: JsonSchema, path: string): GrammarSchema {
  const { definitions, ...rest } = schema;
  const whole = definitions === undefined ? rest : { ...rest, $defs: definitions };
  return convert(whole, path, (whole["$defs"] ?? {}) as Record<string, unknown>) as GrammarSchema;
}

function convert(schema: unknown, path: string, names: Record<string, unknown>): unknown {
  if (schema === true) return anything;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    throw refused("a schema that allows nothing", path);
  const given = schema as Record<string, unknown>;
  const { $defs } = given;
  const outer =
    $defs === undefined || $defs === null
      ? {}
      : { $defs: mapValues($defs, (each, key) => convert(each, `${path}.$defs.${key}`, names)) };
  const body = Object.fromEntries(
    Object.entries(given).filter(([key]) => key !== "$defs" && !annotations.has(key)),
  );
  return { ...outer, ...(convertBody(body, path, names) as object) };
}

function convertBody(
  body: Record<string, unknown>,
  path: string,
  names: Record<string, unknown>,
): unknown {
  const keys = Object.keys(body);
  if (keys.length === 0) return anything;
  if (body["$ref"] !== undefined) {
    only(["$ref"], keys, path);
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(String(body["$ref"]))?.[1];
    if (name === undefined || !(name in names)) throw refused(`$ref ${String(body["$ref"])}`, path);
    return { $ref: `#/$defs/${name}` };
  }
  const alternatives = body["oneOf"] ?? body["anyOf"];
  if (alternatives !== undefined) {
    const word = body["oneOf"] === undefined ? "anyOf" : "oneOf";
    only([word], keys, path);
    const list = alternatives as unknown[];
    // of one that is right in two alternatives, `oneOf` would allow none: the alternatives are the author's to keep apart
    return { oneOf: list.map((each, index) => convert(each, `${path}.${word}[${index}]`, names)) };
  }
  if (body["const"] !== undefined) {
    only(["const", "type"], keys, path);
    return literal(body["const"], path);
  }
  if (body["enum"] !== undefined) {
    only(["enum", "type"], keys, path);
    return { oneOf: (body["enum"] as unknown[]).map((each) => literal(each, path)) };
  }
  return convertTyped(body, keys, path, names);
}

function convertTyped(
  body: Record<string, unknown>,
  keys: string[],
  path: string,
  names: Record<string, unknown>,
): unknown {
  const types = [body["type"] ?? guessType(keys)].flat() as string[];
  for (const type of types)
    if (!(type in kept)) throw refused(`type ${JSON.stringify(type)}`, path);
  only(["type", ...types.flatMap((type) => kept[type] ?? [])], keys, path);
  if (types.length > 1) {
    return {
      oneOf: types.map((type) => {
        const own = keys.filter((key) => kept[type]?.includes(key)).map((key) => [key, body[key]]);
        return convertTyped({ type, ...Object.fromEntries(own) }, ["type"], path, names);
      }),
    };
  }
  const [type = "null"] = types;
  if (type === "string") return convertString(body, path);
  if (type === "array") return convertArray(body, path, names);
  return type === "object" ? convertObject(body, path, names) : { type };
}

function convertString(body: Record<string, unknown>, path: string): unknown {
  const { format, ...rest } = body;
  if (format === undefined) return rest;
  if (!formats.includes(String(format))) throw refused(`format ${JSON.stringify(format)}`, path);
  only(["type"], Object.keys(rest), path);
  return { type: "string", format };
}

function convertArray(
  body: Record<string, unknown>,
  path: string,
  names: Record<string, unknown>,
): unknown {
  const { items, prefixItems, ...rest } = body;
  return {
    ...rest,
    ...(prefixItems === undefined
      ? {
          items:
            items === undefined || items === true
              ? anything
              : convert(items, `${path}.items`, names),
        }
      : {
          prefixItems: (prefixItems as unknown[]).map((each, index) =>
            convert(each, `${path}.prefixItems[${index}]`, names),
          ),
        }),
    ...(prefixItems !== undefined && items !== undefined && items !== false
      ? { items: convert(items, `${path}.items`, names) }
      : {}),
  };
}

function convertObject(
  body: Record<string, unknown>,
  path: string,
  names: Record<string, unknown>,
): unknown {
  const { properties = {}, required = [], additionalProperties, ...rest } = body;
  const named = properties as Record<string, unknown>;
  const missing = (required as string[]).find((key) => !(key in named));
  if (missing !== undefined)
    throw refused(`required ${JSON.stringify(missing)}, which is no property`, path);
  const free = Object.keys(named).length === 0 && additionalProperties !== false;
  const others =
    additionalProperties === undefined || additionalProperties === true
      ? anything
      : additionalProperties;
  return {
    ...rest,
    type: "object",
    properties: mapValues(named, (each, key) => convert(each, `${path}.properties.${key}`, names)),
    // where properties are named a model is not tempted to add its own; where none are, they are the point
    ...(free
      ? {
          additionalProperties:
            others === anything ? true : convert(others, `${path}.additionalProperties`, names),
        }
      : {}),
  };
}

const anything = {
  oneOf: [
    { type: "string" },
    { type: "number" },
    { type: "boolean" },
    { type: "null" },
    { type: "object", additionalProperties: true },
    { type: "array", items: { type: ["string", "number", "boolean", "null"] } },
  ],
};

function literal(value: unknown, path: string): unknown {
  if (value === null || typeof value !== "object") return { const: value };
  throw refused("an object or list in enum or const", path);
}

function guessType(keys: readonly string[]): string {
  const type = Object.keys(kept).find((each) => keys.some((key) => kept[each]?.includes(key)));
  return type ?? "null";
}

function only(allowed: readonly string[], keys: readonly string[], path: string): void {
  const other = keys.find((key) => !allowed.includes(key));
  if (other !== undefined)
    throw refused(structural.includes(other) ? `${other} beside ${allowed[0]}` : other, path);
}

function refused(what: string, path: string): ModelyardError {
  return new ModelyardError(
    "invalid-request",
    `${path}: llama-cpp can't hold an answer to ${what}.`,
    {
      remedy: "Leave that part of the schema out and check the answer yourself.",
      details: { problems: [{ path, message: `Not supported: ${what}.` }] },
    },
  );
}

function mapValues(object: object, map: (value: unknown, key: string) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** The grammar of a schema. The library's asks for four empty lines at the end, for its own loop to notice; ours ends with the value. */
export async function createJsonGrammar(
  llama: Llama,
  schema: GrammarSchema,
): Promise<LlamaGrammar> {
  const { grammar } = await llama.createGrammarForJsonSchema(schema);
  return llama.createGrammar({ grammar: grammar.replace(/ "(?:\\n){4}" \[\\n\]\*$/m, "") });
}
