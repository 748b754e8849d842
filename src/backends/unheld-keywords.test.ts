import { describe, expect, it } from "vitest";
import { z } from "zod";
import { refuseUnheld, unheldKeywords } from "./unheld-keywords.ts";

const found = (schema: unknown) =>
  unheldKeywords(schema, "responseSchema").map(({ path, keyword }) => `${path}: ${keyword}`);
const word = { type: "string" };

describe("a schema that llama.cpp's grammar would hold in part alone", () => {
  it.each<[string, object]>([
    ["multipleOf", { type: "integer", multipleOf: 1000, minimum: 5, maximum: 9 }],
    ["not", { type: "string", not: { const: "a" } }],
    ["uniqueItems", { type: "array", items: word, minItems: 3, uniqueItems: true }],
    ["contains", { type: "array", items: word, contains: { const: "a" } }],
    ["if", { type: "object", properties: {}, if: {} }],
    ["dependentRequired", { type: "object", properties: {}, dependentRequired: {} }],
    ["patternProperties", { type: "object", patternProperties: { "^a": word } }],
    ["propertyNames", { type: "object", propertyNames: { pattern: "^a$" } }],
    ["minProperties", { type: "object", minProperties: 1 }],
    ["minimum", { type: "number", minimum: 0 }],
    ["minimum", { type: ["integer", "number"], minimum: 0 }],
    ["exclusiveMinimum beside minimum", { type: "integer", minimum: 1, exclusiveMinimum: 5 }],
    ["minLength", { type: "string", pattern: "^a+$", minLength: 3 }],
    ["minItems", { type: "array", minItems: 3 }],
    ["prefixItems beside items", { type: "array", prefixItems: [word], items: word }],
    ["allOf", { type: "string", allOf: [{ pattern: "^a" }, { pattern: "b$" }] }],
    ["required", { anyOf: [{ type: "object", properties: {} }], required: ["a"] }],
    ['required "a", which is no property', { type: "object", required: ["a"] }],
    [String.raw`pattern "^(?!a)b$"`, { type: "string", pattern: "^(?!a)b$" }],
    [String.raw`pattern "^(?<=a)b$"`, { type: "string", pattern: "^(?<=a)b$" }],
    [String.raw`pattern "^(a)\\1$"`, { type: "string", pattern: String.raw`^(a)\1$` }],
  ])("is found by its %s", (keyword, schema) => {
    expect(found(schema)).toEqual([`responseSchema: ${keyword}`]);
  });

  it("is named with its place", () => {
    const number = { type: "number", maximum: 1 };
    const schema = {
      type: "object",
      properties: { list: { type: "array", items: { anyOf: [word, { $ref: "#/$defs/share" }] } } },
      additionalProperties: number,
      $defs: { share: number },
    };
    expect(found(schema)).toEqual([
      "responseSchema.$defs.share: maximum",
      "responseSchema.additionalProperties: maximum",
    ]);
    expect(() => refuseUnheld(schema, "Ollama")).toThrow(
      expect.objectContaining({
        code: "invalid-request",
        message: "responseSchema.$defs.share: Ollama can't hold an answer to maximum.",
      }),
    );
  });
});

it("what the grammar holds is let through", () => {
  const held = z.object({
    name: z.string().min(1).max(20),
    age: z.int().min(0).max(150),
    kind: z.enum(["a", "b"]).optional(),
    uuid: z.uuid(),
    date: z.string().regex(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/),
    list: z
      .array(z.union([z.string(), z.null()]))
      .min(1)
      .max(3),
    pair: z.tuple([z.string(), z.int()]),
    shares: z.record(z.string(), z.number()),
    both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
    said: z.literal("yes").describe("not a limit"),
  });
  expect(found(z.toJSONSchema(held))).toEqual([]);
  expect(found({ properties: { not: word, minimum: word }, required: ["not"] })).toEqual([]);
  expect(() => refuseUnheld(undefined, "Ollama")).not.toThrow();
});
