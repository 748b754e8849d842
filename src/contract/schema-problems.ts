import { findInSchema } from "./find-in-schema.ts";
import { isPattern } from "./is-pattern.ts";
import { didYouMean } from "./nearest.ts";

/** What is wrong with a JSON Schema, and where. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** More than anybody mends at once. */
const mostProblems = 10;

const types = ["array", "boolean", "integer", "null", "number", "object", "string"];

/** Says what is wrong with a keyword's value, at the path, which is the keyword's own. */
type Check = (value: unknown, walk: Walk) => void;

interface Walk {
  /** Where the walk is now. */
  readonly path: (string | number)[];
  readonly problems: SchemaProblem[];
  /** What a local reference starts from: the whole, or the part around it that has an address of its own. */
  root: unknown;
  /** References to a place by its name, which may be told later. */
  named: { readonly name: string; readonly path: SchemaProblem["path"] }[] | undefined;
  anchors: Set<string> | undefined;
}

/**
 * What is wrong with a JSON Schema by the meta-schema of draft 2020-12, a few at the most; none where it is right. What earlier drafts
 * wrote otherwise is right too, and so is any word that is no keyword. A local reference must lead to a schema, a pattern must be a regular
 * expression; of a reference to elsewhere nothing is asked.
 * Each request brings its schemas anew, so that a walk through one is all that it costs: no library is loaded, nothing compiled.
 */
export function schemaProblems(schema: unknown): readonly SchemaProblem[] {
  const walk: Walk = {
    path: [],
    problems: [],
    root: schema,
    named: undefined,
    anchors: undefined,
  };
  checkSchema(schema, walk);
  for (const { name, path } of walk.named ?? [])
    if (walk.anchors?.has(name) !== true && walk.problems.length < mostProblems)
      walk.problems.push({ path, message: nowhere(`#${name}`) });
  return walk.problems;
}

function checkSchema(schema: unknown, walk: Walk): void {
  if (typeof schema === "boolean") return;
  if (!isObject(schema)) return blame(walk, "Must be a schema: an object, true or false.");
  const { root } = walk;
  if (hasAddress(schema)) walk.root = schema;
  checkKeywords(schema, walk);
  walk.root = root;
}

function checkKeywords(schema: Readonly<Record<string, unknown>>, walk: Walk): void {
  for (const keyword in schema) {
    const check = checks.get(keyword);
    if (check === undefined) continue;
    if (walk.problems.length >= mostProblems) return;
    within(keyword, walk, () => check(schema[keyword], walk));
  }
}

function checkType(type: unknown, walk: Walk): void {
  if (!Array.isArray(type)) return checkTypeName(type, walk);
  if (type.length === 0) return blame(walk, "Must name at least one type.");
  if (new Set(type).size < type.length) return blame(walk, "Must name each type once.");
  for (const [index, each] of type.entries()) within(index, walk, () => checkTypeName(each, walk));
}

function checkTypeName(name: unknown, walk: Walk): void {
  if (types.includes(name as string)) return;
  const known = types.map((each) => JSON.stringify(each)).join(", ");
  const found =
    typeof name === "string"
      ? `, found ${JSON.stringify(name.slice(0, 40))}.${didYouMean(name, types)}`
      : ".";
  blame(walk, `Expected one of ${known}${found}`);
}

const checkNames: Check = (names, walk) => {
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string"))
    return blame(walk, "Must be an array of names.");
  if (new Set(names).size < names.length) blame(walk, "Must hold each name once.");
};

const checkSchemas: Check = (schemas, walk) => {
  if (!Array.isArray(schemas) || schemas.length === 0)
    return blame(walk, "Must be an array of at least one schema.");
  checkEach(schemas, walk);
};

const checkNamedSchemas: Check = (schemas, walk) => {
  if (!isObject(schemas)) return blame(walk, "Must be an object of schemas.");
  for (const name in schemas) within(name, walk, () => checkSchema(schemas[name], walk));
};

const checkPatterns: Check = (schemas, walk) => {
  checkNamedSchemas(schemas, walk);
  if (!isObject(schemas)) return;
  for (const pattern in schemas) within(pattern, walk, () => checkPattern(pattern, walk));
};

const checkPattern: Check = (pattern, walk) => {
  if (typeof pattern !== "string") blame(walk, "Must be a string.");
  else if (!isPattern(pattern)) blame(walk, `${quote(pattern)} is no regular expression.`);
};

const checkReference: Check = (reference, walk) => {
  if (typeof reference !== "string") return blame(walk, "Must be a string.");
  // What lies elsewhere is not fetched, and nothing is known of it.
  if (!reference.startsWith("#")) return;
  const name = reference.slice(1);
  if (name !== "" && !name.startsWith("/")) {
    walk.named ??= [];
    walk.named.push({ name, path: [...walk.path] });
    return;
  }
  const found = findInSchema(walk.root, name);
  if (found === undefined) blame(walk, nowhere(reference));
  else if (!isObject(found) && typeof found !== "boolean")
    blame(walk, `${quote(reference)} points at what is no schema.`);
};

const checkAnchor: Check = (name, walk) => {
  if (typeof name !== "string") return blame(walk, "Must be a string.");
  walk.anchors ??= new Set();
  walk.anchors.add(name);
};

/** In the earlier drafts `$id: "#name"` was what `$anchor: "name"` is. */
const checkId: Check = (id, walk) => {
  if (typeof id !== "string") blame(walk, "Must be a string.");
  else if (id.startsWith("#")) checkAnchor(id.slice(1), walk);
};

/** A list of schemas: in the earlier drafts the items' one by one. */
const checkItems: Check = (items, walk) => {
  if (Array.isArray(items)) checkEach(items, walk);
  else checkSchema(items, walk);
};

/** In the earlier drafts `dependencies` were names or schemas. */
const checkDependencies: Check = (dependencies, walk) => {
  if (!isObject(dependencies)) return blame(walk, "Must be an object.");
  for (const name in dependencies) {
    const each = dependencies[name];
    const check = Array.isArray(each) ? checkNames : checkSchema;
    within(name, walk, () => check(each, walk));
  }
};

const checkNamedNames: Check = (lists, walk) => {
  if (!isObject(lists)) return blame(walk, "Must be an object of arrays.");
  for (const name in lists) within(name, walk, () => checkNames(lists[name], walk));
};

const checks: ReadonlyMap<string, Check> = new Map([
  ["type", checkType],
  ["required", checkNames],
  ["items", checkItems],
  ["dependencies", checkDependencies],
  ["dependentRequired", checkNamedNames],
  ...all("properties $defs definitions dependentSchemas", checkNamedSchemas),
  ["patternProperties", checkPatterns],
  ["pattern", checkPattern],
  ...all("$ref $dynamicRef", checkReference),
  ...all("$anchor $dynamicAnchor", checkAnchor),
  ["$id", checkId],
  ...all("allOf anyOf oneOf prefixItems", checkSchemas),
  ...all(
    "additionalProperties additionalItems contains not if then else propertyNames unevaluatedItems unevaluatedProperties contentSchema",
    checkSchema,
  ),
  ["enum", must("Must be an array of values.", Array.isArray)],
  ...all("$schema format", must("Must be a string.", isString)),
  ...all("minimum maximum", must("Must be a number.", isNumber)),
  // In draft 4 these said whether the other limit itself is meant.
  ...all("exclusiveMinimum exclusiveMaximum", must("Must be a number.", isNumberOrFlag)),
  ["multipleOf", must("Must be a number over 0.", (value) => isNumber(value) && value > 0)],
  ...all(
    "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains",
    must(
      "Must be a whole number of at least 0.",
      (value) => isNumber(value) && Number.isInteger(value) && value >= 0,
    ),
  ),
  ["uniqueItems", must("Must be true or false.", (value) => typeof value === "boolean")],
]);

function all(keywords: string, check: Check): [string, Check][] {
  return keywords.split(" ").map((keyword) => [keyword, check]);
}

function must(message: string, isRight: (value: unknown) => boolean): Check {
  return (value, walk) => {
    if (!isRight(value)) blame(walk, message);
  };
}

function checkEach(schemas: readonly unknown[], walk: Walk): void {
  for (const [index, each] of schemas.entries()) within(index, walk, () => checkSchema(each, walk));
}

function within(key: string | number, walk: Walk, check: () => void): void {
  walk.path.push(key);
  check();
  walk.path.pop();
}

function blame({ path, problems }: Walk, message: string): void {
  if (problems.length < mostProblems) problems.push({ path: [...path], message });
}

function nowhere(reference: string): string {
  return `${quote(reference)} points nowhere in this schema.`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

/** Whether local references within it start from it. */
function hasAddress({ $id }: Readonly<Record<string, unknown>>): boolean {
  return typeof $id === "string" && !$id.startsWith("#");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isNumberOrFlag(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}
