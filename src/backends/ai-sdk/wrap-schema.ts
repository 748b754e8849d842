import type { JsonSchema } from "../../contract/schema.ts";

/** The schema that is asked for, and how the answer to it becomes one to the schema that was given. */
export interface WrappedSchema {
  readonly schema: JsonSchema;
  unwrap(text: string): string;
}

/**
 * A schema of a bare value inside an object, since OpenAI, Anthropic and others take objects alone; undefined where it is one already.
 * An object with a single field of another name is unwrapped too: a model that is only told "JSON" makes up the name.
 */
export function wrapSchema(given: JsonSchema): WrappedSchema | undefined {
  const { $schema: _, $defs, ...value } = given;
  const { type } = value;
  const bare = typeof type === "string" ? type !== "object" : type === undefined && "enum" in value;
  if (!bare) return undefined;
  return {
    schema: {
      type: "object",
      properties: { value },
      required: ["value"],
      additionalProperties: false,
      ...($defs === undefined ? {} : { $defs }),
    },
    unwrap(text) {
      const fields = fieldsOf(text);
      return fields?.length === 1 ? JSON.stringify(fields[0]) : text;
    },
  };
}

function fieldsOf(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? Object.values(parsed) : undefined;
  } catch {
    // Cut, or not JSON: the caller gets what there is.
    return undefined;
  }
}
