import type { JsonSchema } from "../contract/schema.ts";
import { ModelyardError } from "../contract/errors.ts";

/** A keyword that would be ignored, and where its schema stands. */
interface Unheld {
  readonly keyword: string;
  readonly path: string;
}

type Fields = Record<string, unknown>;

/** What llama.cpp's converter reads nowhere. */
const neverRead =
  "not if then else multipleOf contains minContains maxContains minProperties maxProperties patternProperties dependentRequired dependentSchemas dependencies unevaluatedItems $dynamicRef".split(
    " ",
  );
const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const lengths = ["minLength", "maxLength"];
const counts = ["minItems", "maxItems"];
/** Beside a reference or alternatives these are not read. */
const limits = [
  ...bounds,
  ...lengths,
  ...counts,
  "pattern",
  "properties",
  "required",
  "items",
  "prefixItems",
  "enum",
  "const",
];
/** A look ahead or behind, and a reference to an earlier group. */
const beyondGrammars = /\(\?(?!:)|\\([1-9]|k<)/;

/**
 * Refuses a schema that llama.cpp's grammar would hold in part alone, in silence; what its converter refuses by itself is left to it.
 * `format` is no limit by JSON Schema's own word. Source: common/json-schema-to-grammar.cpp of llama.cpp.
 * @param holder the server that holds answers to schemas in this way, for the message.
 * @throws ModelyardError `invalid-request` that names the first such keyword and its place
 */
export function refuseUnheld(schema: JsonSchema | undefined, holder: string): void {
  if (schema === undefined) return;
  const problems = unheldKeywords(schema, "responseSchema");
  const [first] = problems;
  if (first === undefined) return;
  throw new ModelyardError(
    "invalid-request",
    `${first.path}: ${holder} can't hold an answer to ${first.keyword}.`,
    {
      remedy: "Leave that part of the schema out and check the answer yourself.",
      details: {
        problems: problems.map(({ path, keyword }) => ({
          path,
          message: `Not supported: ${keyword}.`,
        })),
      },
    },
  );
}

/** The keywords of a schema that llama.cpp's converter ignores. */
export function unheldKeywords(schema: unknown, path: string): Unheld[] {
  if (!isObject(schema)) return [];
  const words = [...new Set([...neverRead.filter((word) => word in schema), ...unread(schema)])];
  return [
    ...words.map((keyword) => ({ keyword, path })),
    ...parts(schema).flatMap(([part, at]) => unheldKeywords(part, `${path}.${at}`)),
  ];
}

/** What is not read because of what else there is. The converter goes by the first of these that it meets. */
function unread(schema: Fields): string[] {
  const has = (word: string) => schema[word] !== undefined;
  const alternatives = ["$ref", "oneOf", "anyOf"].find(has);
  if (alternatives !== undefined)
    return [...limits, "oneOf", "anyOf", "allOf"].filter(
      (word) => has(word) && word !== alternatives,
    );
  if (has("const") || has("enum")) return [];
  const types = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  return [
    ...unreadOfObject(schema),
    ...types.flatMap((type: unknown) => unreadOfType(schema, type, types.length > 1)),
    ...(schema["uniqueItems"] === true ? ["uniqueItems"] : []),
  ];
}

function unreadOfObject({
  properties,
  required,
  allOf,
  propertyNames,
  unevaluatedProperties,
  type,
}: Fields): string[] {
  const named = isObject(properties) ? Object.keys(properties) : [];
  const missing = Array.isArray(required) ? required.filter((name) => !named.includes(name)) : [];
  const components = Array.isArray(allOf) ? allOf : [];
  const merged =
    properties === undefined &&
    (type === undefined || type === "object" || type === "string") &&
    components.every(
      (part) =>
        isObject(part) &&
        ["$ref", "properties", "enum", "anyOf"].some((word) => part[word] !== undefined),
    );
  return [
    ...(missing.length > 0 ? [`required ${JSON.stringify(missing[0])}, which is no property`] : []),
    ...(components.length > 0 && !merged ? ["allOf"] : []),
    // A record of zod's says of its names that they are texts, which they always are.
    ...(isObject(propertyNames) && Object.keys(propertyNames).some((word) => word !== "type")
      ? ["propertyNames"]
      : []),
    ...(isObject(unevaluatedProperties) ? ["unevaluatedProperties"] : []),
  ];
}

/** @param one whether other types are allowed as well, to which a keyword may belong */
function unreadOfType(schema: Fields, type: unknown, one: boolean): string[] {
  const has = (word: string) => schema[word] !== undefined;
  const { pattern } = schema;
  const concerns = (...names: unknown[]) => names.includes(type) || (type === undefined && !one);
  const known = /^(date|time|date-time|uuid[1-5]?)$/.test(String(schema["format"]));
  return [
    ...(concerns("number") ? bounds.filter(has) : []),
    ...(type === "integer" && has("minimum") && has("exclusiveMinimum")
      ? ["exclusiveMinimum beside minimum"]
      : []),
    ...(type === "integer" && has("maximum") && has("exclusiveMaximum")
      ? ["exclusiveMaximum beside maximum"]
      : []),
    ...(concerns("string") && (has("pattern") || known || type === undefined)
      ? lengths.filter(has)
      : []),
    ...(concerns("string") && typeof pattern === "string" && beyondGrammars.test(pattern)
      ? [`pattern ${JSON.stringify(pattern)}`]
      : []),
    ...(concerns("array") && !has("items") ? counts.filter(has) : []),
    ...(concerns("array") && isObject(schema["items"]) && has("prefixItems")
      ? ["prefixItems beside items"]
      : []),
  ];
}

/** The schemas within a schema, each with its place. */
function parts(schema: Fields): [unknown, string][] {
  const maps = ["properties", "$defs", "definitions"].flatMap((word) =>
    Object.entries(isObject(schema[word]) ? schema[word] : {}).map(
      ([key, part]): [unknown, string] => [part, `${word}.${key}`],
    ),
  );
  const lists = ["oneOf", "anyOf", "allOf", "prefixItems"].flatMap((word) => {
    const list: unknown = schema[word];
    return Array.isArray(list)
      ? list.map((part, at): [unknown, string] => [part, `${word}[${at}]`])
      : [];
  });
  const single = ["items", "additionalProperties"].map((word): [unknown, string] => [
    schema[word],
    word,
  ]);
  return [...maps, ...lists, ...single];
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
