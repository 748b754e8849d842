import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schemaProblems } from "./schema-problems.ts";

/** The problems, each in one line. */
function problemsOf(schema: unknown): string[] {
  return schemaProblems(schema).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const schemas = "allOf anyOf oneOf prefixItems".split(" ");
const named = "properties $defs definitions dependentSchemas".split(" ");
const single =
  "additionalProperties contains not if then else propertyNames unevaluatedItems unevaluatedProperties contentSchema items".split(
    " ",
  );
const names = "array boolean integer null number object string nonsense".split(" ");
const texts = "$ref $dynamicRef $id $schema pattern format".split(" ");
const numbers = "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split(" ");
const counts =
  "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains".split(
    " ",
  );

/** Schemas, and what is nearly one. */
const { schema: nearlySchema } = fc.letrec<{ schema: unknown }>((tie) => {
  const schema = tie("schema");
  // In earlier drafts some keywords were flags or lists: those are looked at by themselves.
  const wrong = fc.oneof(fc.constantFrom(null, "x", {}, -1, 0.5), fc.constant({ type: 7 }));
  const mostly = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 9, arbitrary: right }, wrong);
  const field = (keywords: readonly string[], value: fc.Arbitrary<unknown>) =>
    fc.tuple(fc.constantFrom(...keywords), mostly(value));
  const keyword = fc.oneof(
    { withCrossShrink: true },
    // The empty name is the schema itself, and a pattern of every text.
    field(texts, fc.constant("")),
    field(["$anchor", "$dynamicAnchor"], fc.constant("here")),
    field(numbers, fc.constantFrom(0, 1, 2.5)),
    field(counts, fc.nat(3)),
    field(["uniqueItems"], fc.boolean()),
    field(["enum"], fc.array(fc.jsonValue(), { maxLength: 2 })),
    field(["required"], fc.array(fc.constantFrom("a", "b"), { maxLength: 2 })),
    field(
      ["type"],
      fc.oneof(fc.constantFrom(...names), fc.array(fc.constantFrom(...names), { maxLength: 2 })),
    ),
    field(["dependentRequired"], fc.dictionary(fc.string(), fc.array(fc.string()), { maxKeys: 2 })),
    field(single, schema),
    field(named, fc.dictionary(fc.string({ maxLength: 3 }), schema, { maxKeys: 2 })),
    field(["patternProperties"], fc.dictionary(fc.constantFrom("^a", "b|c"), schema)),
    field(schemas, fc.array(schema, { maxLength: 2 })),
    fc.tuple(fc.constantFrom("nullable", "x-order", "discriminator"), fc.jsonValue()),
  );
  const fields = fc.array(keyword, { maxLength: 4, depthIdentifier: "schema" });
  return {
    schema: fc.oneof(
      { depthSize: "small", maxDepth: 4, depthIdentifier: "schema" },
      fc.boolean(),
      fields.map((each) => Object.fromEntries(each) as unknown),
    ),
  };
});

describe("schemaProblems", () => {
  it("finds something wrong exactly where the meta-schema of draft 2020-12 does", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
    const verdicts = { right: 0, wrong: 0 };
    const property = fc.property(nearlySchema, (schema) => {
      const isRight = ajv.validate("https://json-schema.org/draft/2020-12/schema", schema);
      verdicts[isRight ? "right" : "wrong"]++;
      expect(problemsOf(schema).length === 0).toBe(isRight);
    });
    fc.assert(property, { numRuns: 3_000 });
    // That both are met often enough to say something.
    expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(300);
  });

  it("takes what earlier drafts wrote otherwise", () => {
    for (const schema of [
      { items: [{ type: "string" }, true], additionalItems: false },
      { minimum: 1, exclusiveMinimum: true },
      { dependencies: { a: ["b"], c: { type: "object" } } },
      { $id: "#a", definitions: { a: {} } },
    ])
      expect(problemsOf(schema)).toEqual([]);
  });

  it("says where it is wrong, and what is meant", () => {
    expect(problemsOf({ type: "strng" })).toEqual([
      'type: Expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "strng". Did you mean "string"?',
    ]);
    expect(
      problemsOf({
        properties: { a: { items: 7 } },
        anyOf: [{}, { required: [1] }],
        minLength: -1,
      }),
    ).toEqual([
      "properties.a.items: Must be a schema: an object, true or false.",
      "anyOf.1.required: Must be an array of names.",
      "minLength: Must be a whole number of at least 0.",
    ]);
  });

  it("wants a local reference to lead to a schema", () => {
    const $defs = { a: { type: "string" }, "b/c %": true, list: { anyOf: [{}, {}] }, d: {} };
    for (const $ref of [
      "#",
      "#/$defs/a",
      "#/$defs/b~1c%20%25",
      "#/%24defs/list/anyOf/1",
      "https://example.com/x#/nowhere",
      "other.json",
    ])
      expect(problemsOf({ $defs, items: { $ref } })).toEqual([]);
    for (const $ref of ["#/nope", "#/$defs/toString", "#/$defs/list/anyOf/2", "#/", "#zzz"])
      expect(problemsOf({ $defs, items: { $ref } })).toEqual([
        `items.$ref: ${JSON.stringify($ref)} points nowhere in this schema.`,
      ]);
    expect(problemsOf({ title: "x", $dynamicRef: "#/title" })).toEqual([
      '$dynamicRef: "#/title" points at what is no schema.',
    ]);
  });

  it("finds what a reference names, and starts from the part that has an address", () => {
    for (const schema of [
      { $ref: "#later", $defs: { a: { $anchor: "later" } } },
      { $dynamicRef: "#node", $defs: { a: { $dynamicAnchor: "node" } } },
      { definitions: { a: { $id: "#old" } }, items: { $ref: "#old" } },
      { $defs: { own: { $id: "own.json", $defs: { b: {} }, items: { $ref: "#/$defs/b" } } } },
      { properties: { $ref: { type: "string" } }, const: { $ref: "#/nope" } },
    ])
      expect(problemsOf(schema)).toEqual([]);
    const own = { $id: "own.json", items: { $ref: "#/$defs/b" } };
    expect(problemsOf({ $defs: { own, b: {} } })).toHaveLength(1);
  });

  it("wants a pattern to be a regular expression", () => {
    expect(problemsOf({ pattern: "^a+$", patternProperties: { "^x-": {} } })).toEqual([]);
    expect(problemsOf({ pattern: "(", patternProperties: { "[": {} } })).toEqual([
      'pattern: "(" is no regular expression.',
      'patternProperties.[: "[" is no regular expression.',
    ]);
  });

  it("tells a few problems, however many there are", () => {
    const bad = Array.from({ length: 100_000 }, () => ({ type: "nonsense" }));
    expect(problemsOf({ anyOf: bad })).toHaveLength(10);
  });
});
