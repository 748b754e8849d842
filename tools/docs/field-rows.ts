import { toJsonSchema, type JsonSchema, type Schema } from "../../src/contract/schema.ts";

/** The fields that a schema takes (`input`) or gives (`output`): what each holds, whether it must be there, what stands in for it. */
export function fieldRows(schema: Schema<unknown, unknown>, side: "input" | "output"): string[][] {
  const document = toJsonSchema(schema, side);
  const branches = [document, ...listOf(document["anyOf"]), ...listOf(document["oneOf"])];
  const fields = branches.flatMap((branch) => {
    const required = (branch["required"] ?? []) as readonly string[];
    return Object.entries((branch["properties"] ?? {}) as Record<string, JsonSchema>).map(
      ([name, field]) => ({ name, field, needed: required.includes(name) }),
    );
  });
  const first = [...new Map(fields.toReversed().map((each) => [each.name, each])).values()];
  return [
    ["field", "holds", side === "input" ? "needed" : "always", "default"],
    ...first
      .toReversed()
      .map(({ name, field, needed }) => [
        `\`${name}\``,
        describeType(field),
        needed ? "yes" : "",
        "default" in field ? `\`${JSON.stringify(field["default"])}\`` : "",
      ]),
  ];
}

function listOf(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? (value as JsonSchema[]) : [];
}

function describeType(field: JsonSchema): string {
  if (field["const"] !== undefined) return `\`${JSON.stringify(field["const"])}\``;
  if (Array.isArray(field["enum"]))
    return field["enum"].map((each) => `\`${JSON.stringify(each)}\``).join(", ");
  const branches = [...listOf(field["anyOf"]), ...listOf(field["oneOf"])];
  if (branches.length > 0) return [...new Set(branches.map(describeType))].join(", or ");
  const { type } = field;
  if (type === "array") return `list of ${describeType((field["items"] ?? {}) as JsonSchema)}`;
  if (type === "string") return "text";
  if (type === "integer") return `whole number${range(field)}`;
  if (type === "number") return `number${range(field)}`;
  if (type === "boolean") return "`true` or `false`";
  if (type === "object") {
    const names = Object.keys((field["properties"] ?? {}) as object);
    return names.length === 0 ? "object" : `{ ${names.map((name) => `\`${name}\``).join(", ")} }`;
  }
  return "anything";
}

/** JSON's own largest whole number bounds nothing. */
const isBound = (value: unknown) => typeof value === "number" && Math.abs(value) < 1e15;

function range({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (isBound(minimum) && isBound(maximum)) return `, ${String(minimum)} to ${String(maximum)}`;
  if (isBound(minimum)) return `, at least ${String(minimum)}`;
  if (isBound(exclusiveMinimum))
    return `, over ${String(exclusiveMinimum)}${isBound(maximum) ? `, at most ${String(maximum)}` : ""}`;
  return isBound(maximum) ? `, at most ${String(maximum)}` : "";
}
