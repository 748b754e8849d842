import type { AnyCapability } from "../../contract/capability.ts";
import { toJsonSchema, type JsonSchema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";

/** What models are asked where nothing else matters: several words, so that an answer has several pieces. */
export const plainText = "Say these words again: one, two, three, four, five, six.";

/** The smallest request of each capability that is built in. */
const builtIn: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  chat: (text) => ({ messages: [{ role: "user", content: text }] }),
  completion: (prompt) => ({ prompt }),
  embedding: (text) => ({ input: [text] }),
  classification: (input) => ({ input, labels: ["good", "bad", "neither"] }),
};

/**
 * A request that asks with `text`, as a caller would write it: the author's sample where there is one, else the smallest that the
 * schema allows.
 */
export function sampleRequest(
  { name, request, text: { input } }: AnyCapability,
  text: string,
  sample?: object,
): Record<string, unknown> {
  // What an author gave is left as it is, but for a text in which every other may stand.
  if (sample !== undefined)
    return typeof Reflect.get(sample, input) === "string" && text !== plainText
      ? { ...sample, [input]: text }
      : { ...sample };
  if (name in builtIn) return builtIn[name]!(text);
  const schema = toJsonSchema(request, "input");
  const base = smallest(schema);
  const given = base[input];
  const field = (schema["properties"] as Record<string, JsonSchema> | undefined)?.[input] ?? {};
  return typeof given === "string" || given === undefined
    ? { ...base, [input]: written(text, field) }
    : base;
}

/** The same as a handler receives it. @throws `invalid-request` */
export function toHandlerRequest(capability: AnyCapability, request: object): unknown {
  return validate(capability.request, request, { what: `${capability.name} request` });
}

/** A value that a JSON Schema allows, as small as it goes: of an object only what is required. */
export function smallest(schema: JsonSchema): Record<string, unknown> {
  return valueOf(schema) as Record<string, unknown>;
}

/** A value for one field, unlike the default where there is one. */
export function valueOf(schema: JsonSchema): unknown {
  const branch = [schema["anyOf"], schema["oneOf"], schema["allOf"]].find(Array.isArray);
  if (branch !== undefined) return valueOf((branch as JsonSchema[])[0] ?? {});
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"]))
    return schema["enum"].find((each) => each !== schema["default"]) ?? schema["enum"][0];
  switch (schema["type"]) {
    case "object":
      return objectOf(schema);
    case "array":
      return arrayOf(schema);
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return schema["default"] !== true;
    case "null":
      return null;
    default:
      return written(plainText, schema);
  }
}

/** A text as a field takes it: one that holds bytes, an address or a date takes no sentence. */
function written(text: string, { format, contentEncoding, maxLength }: JsonSchema): string {
  const kind = contentEncoding ?? format;
  if (kind === "base64" || kind === "base64url") return Buffer.from(text).toString(kind);
  if (kind === "uri") return "https://example.com/";
  if (kind === "email") return "somebody@example.com";
  if (kind === "date-time") return "2026-01-01T12:00:00Z";
  if (kind === "date") return "2026-01-01";
  if (kind === "uuid") return "f5b2c3de-7c1a-4b6e-9d3f-0a1b2c3d4e5f";
  return text.slice(0, (maxLength as number | undefined) ?? text.length);
}

function objectOf({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
  const fields = properties as Record<string, JsonSchema>;
  return Object.fromEntries(
    (required as string[]).map((name) => [name, valueOf(fields[name] ?? {})]),
  );
}

function arrayOf({ items = {}, minItems }: JsonSchema): unknown[] {
  const length = Math.max(1, (minItems as number | undefined) ?? 1);
  return Array.from({ length }, () => valueOf(items as JsonSchema));
}

function numberOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  const least = (minimum ??
    (exclusiveMinimum === undefined ? 1 : Number(exclusiveMinimum) + 1)) as number;
  return Math.min(Math.max(least, 1), (maximum as number | undefined) ?? Number.MAX_SAFE_INTEGER);
}
