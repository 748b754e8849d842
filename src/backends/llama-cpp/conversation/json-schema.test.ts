import { describe, expect, it } from "vitest";
import { toGrammarSchema } from "./json-schema.ts";

describe("toGrammarSchema", () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    [
      "anyOf",
      { anyOf: [{ type: "string" }, { type: "null" }] },
      { oneOf: [{ type: "string" }, { type: "null" }] },
    ],
    ["an enum", { enum: ["a", 1] }, { oneOf: [{ const: "a" }, { const: 1 }] }],
    [
      "several types",
      { type: ["string", "null"], maxLength: 3 },
      { oneOf: [{ type: "string", maxLength: 3 }, { type: "null" }] },
    ],
    [
      "an object",
      {
        type: "object",
        title: "T",
        properties: { a: { type: "integer", description: "n" } },
        required: ["a"],
        additionalProperties: false,
      },
      { type: "object", properties: { a: { type: "integer" } } },
    ],
    [
      "a map",
      { type: "object", additionalProperties: { type: "number" } },
      { type: "object", properties: {}, additionalProperties: { type: "number" } },
    ],
    [
      "a definition",
      { definitions: { n: { type: "null" } }, $ref: "#/definitions/n" },
      { $defs: { n: { type: "null" } }, $ref: "#/$defs/n" },
    ],
  ])("holds %s", (_, schema, expected) => {
    expect(toGrammarSchema(schema, "s")).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      "pattern",
      { properties: { a: { type: "string", pattern: "x" } } },
      /^s\.properties\.a: .*pattern/,
    ],
    ["minimum", { type: "array", items: { type: "number", minimum: 1 } }, /^s\.items: .*minimum/],
    ["a format", { type: "string", format: "email" }, /format "email"/],
    ["allOf", { allOf: [{ type: "string" }] }, /allOf/],
    ["not", { not: {} }, /not/],
    ["a reference elsewhere", { $ref: "https://example.com/x" }, /\$ref/],
    ["a required stranger", { type: "object", properties: {}, required: ["a"] }, /required "a"/],
    ["uniqueItems", { type: "array", uniqueItems: true }, /uniqueItems/],
    ["an unknown type", { type: "date" }, /type "date"/],
  ])("refuses %s and says where", (_, schema, message) => {
    expect(() => toGrammarSchema(schema, "s")).toThrow(message);
    expect(() => toGrammarSchema(schema, "s")).toThrow(
      expect.objectContaining({ code: "invalid-request" }),
    );
  });
});
