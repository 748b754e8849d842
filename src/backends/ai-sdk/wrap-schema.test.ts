import { describe, expect, it } from "vitest";
import { wrapSchema } from "./wrap-schema.ts";

describe("wrapSchema", () => {
  it.each([
    { type: "object", properties: {} },
    { anyOf: [{ type: "object" }, { type: "string" }] },
    { $ref: "#/$defs/a", $defs: { a: { type: "object" } } },
    {},
  ])("leaves %j as it is", (schema) => {
    expect(wrapSchema(schema)).toBeUndefined();
  });

  it("keeps definitions where references find them", () => {
    const given = { type: "array", items: { $ref: "#/$defs/a" }, $defs: { a: { type: "number" } } };
    expect(wrapSchema(given)?.schema).toEqual({
      type: "object",
      properties: { value: { type: "array", items: { $ref: "#/$defs/a" } } },
      required: ["value"],
      additionalProperties: false,
      $defs: { a: { type: "number" } },
    });
  });

  it.each([
    ['{"value": "praise"}', '"praise"'],
    ['{"value": ["a", "b"]}', '["a","b"]'],
    ['{"label": "praise"}', '"praise"'],
    ['"praise"', '"praise"'],
    ['{"a": 1, "b": 2}', '{"a": 1, "b": 2}'],
    ['{"value": "pra', '{"value": "pra'],
  ])("makes %s of the answer into %s", (answer, expected) => {
    expect(wrapSchema({ enum: ["praise"] })?.unwrap(answer)).toBe(expected);
  });
});
