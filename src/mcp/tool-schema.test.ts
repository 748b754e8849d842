import { describe, expect, it } from "vitest";
import { z } from "zod";
import { toJsonSchema } from "../contract/schema.ts";
import { pickProperties, terseSchema } from "./tool-schema.ts";

describe("terseSchema", () => {
  it("leaves out what only a validator reads", () => {
    const schema = z.strictObject({
      count: z.int().positive(),
      share: z.number().min(0).max(1),
      name: z.string().min(1).describe("Who"),
      image: z.base64(),
      any: z.record(z.string(), z.unknown()).optional(),
    });
    expect(terse(schema)).toEqual({
      type: "object",
      properties: {
        count: { type: "integer", exclusiveMinimum: 0 },
        share: { type: "number", minimum: 0, maximum: 1 },
        name: { type: "string", description: "Who" },
        image: { type: "string", contentEncoding: "base64" },
        any: { type: "object" },
      },
      required: ["count", "share", "name", "image"],
    });
  });

  it("makes one object of alternatives, asking for what all of them ask for", () => {
    const part = z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text"), text: z.string() }),
      z.strictObject({ type: z.literal("image"), data: z.string(), text: z.number().optional() }),
    ]);
    expect(terse(part)).toEqual({
      type: "object",
      properties: {
        type: { type: "string", enum: ["text", "image"] },
        text: { anyOf: [{ type: "string" }, { type: "number" }] },
        data: { type: "string" },
      },
      required: ["type"],
    });
  });

  it("keeps alternatives of different kinds, and joins arrays", () => {
    const value = z.union([z.string(), z.array(z.string()), z.array(z.literal("a")), z.literal(1)]);
    expect(terse(value)).toEqual({
      anyOf: [
        { type: "string" },
        { enum: [1] },
        { type: "array", items: { anyOf: [{ type: "string" }, { type: "string", enum: ["a"] }] } },
      ],
    });
  });
});

describe("pickProperties", () => {
  it("keeps what is named, and what is required of it", () => {
    const schema = toJsonSchema(z.object({ a: z.string(), b: z.string() }), "input");
    expect(pickProperties(schema, ["b", "c"])).toMatchObject({
      properties: { b: { type: "string" } },
      required: ["b"],
    });
  });
});

function terse(schema: z.ZodType) {
  return terseSchema(toJsonSchema(schema, "input"));
}
