import type { StandardSchemaV1 } from "@standard-schema/spec";
import { didYouMean } from "./nearest.ts";
import { fieldsAt, type JsonSchema } from "./schema.ts";

/** One thing wrong with a value: where, and what was found. */
export interface Problem {
  /** As a person writes it: `backends.ollama.timeouts.connectMs`, `messages[0].role`; empty for the whole value. */
  path: string;
  message: string;
}

/** What schema libraries tell beyond the standard; each is used where it is there. */
interface Issue extends StandardSchemaV1.Issue {
  readonly code?: unknown;
  /** Unknown keys. */
  readonly keys?: unknown;
  /** The values that are allowed; `options` where they tell the branches of a union apart. */
  readonly values?: unknown;
  readonly options?: unknown;
  readonly expected?: unknown;
  /** What each branch of a union says. */
  readonly errors?: unknown;
  /** What is wrong with a key. */
  readonly issues?: unknown;
}

/** More than anybody reads, and each unknown key is compared with all that are known. */
export const mostProblems = 100;

/**
 * What the schema library said, up to {@link mostProblems}: one problem for each unknown key, each with the nearest right word. `synonyms`
 * are words that people write for a key: who writes one, or nearly, is told the key.
 */
export function describeIssues(
  issues: readonly StandardSchemaV1.Issue[],
  value: unknown,
  schema: JsonSchema,
  synonyms: Readonly<Record<string, string>> = {},
): Problem[] {
  const problems = issues.slice(0, mostProblems).flatMap((issue) => {
    const keys = keysOf(issue);
    const found = keys.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined | null)?.[key],
      value,
    );
    return plainIssues(issue, found).flatMap((plain) => {
      const path = [...keys, ...keysOf(plain)];
      if (!Array.isArray(plain.keys)) {
        return [{ path: formatPath(path), message: describe(plain, inside(found, plain)) }];
      }
      const known = fieldsAt(schema, path);
      const others = Object.keys(synonyms).filter((word) => known.includes(synonyms[word] ?? ""));
      const meant = (word: string) => synonyms[word] ?? word;
      return plain.keys.slice(0, mostProblems).map((key: string) => ({
        path: formatPath([...path, shorten(key)]),
        message: `Unknown key.${didYouMean(key, [...known, ...others], meant) || listed(known)}`,
      }));
    });
  });
  return problems.slice(0, mostProblems);
}

export function formatPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}

/** A union says only that nothing fits; its branches know why. Gives their issues, with paths from the union on. */
function plainIssues(issue: Issue, found: unknown): Issue[] {
  const branches = Array.isArray(issue.errors) ? (issue.errors as Issue[][]) : [];
  if (branches.length === 0) return [{ ...issue, message: issue.message, path: [] }];
  const meant = branches.find((branch) => !branch.some((each) => isOtherKind(each, found)));
  if (meant === undefined) {
    const kinds = branches.flatMap((branch) =>
      branch.flatMap(({ expected }) => (typeof expected === "string" ? [expected] : [])),
    );
    const message =
      kinds.length === 0 ? issue.message : `Expected ${[...new Set(kinds)].join(" or ")}`;
    return [{ message: `${message}, found ${kindOf(found)}.`, path: [] }];
  }
  return meant.flatMap((each) =>
    plainIssues(each, inside(found, each)).map((plain) => ({
      ...plain,
      message: plain.message,
      path: [...keysOf(each), ...keysOf(plain)],
    })),
  );
}

/** Whether a branch is out of the question: the value is not even of its kind. */
function isOtherKind(issue: Issue, found: unknown): boolean {
  if (keysOf(issue).length > 0) return false;
  if (issue.code === "invalid_type") return true;
  return Array.isArray(issue.values) && typeof issue.values[0] !== typeof found;
}

function describe(issue: Issue, found: unknown): string {
  const { message, code, expected, values, options, issues } = issue;
  if (code === "invalid_key" && Array.isArray(issues)) return (issues[0] as Issue).message;
  if (code === "invalid_type" && found === undefined) return `Missing: expected ${expected}.`;
  const allowed = [values, options].find((each) => Array.isArray(each));
  if (Array.isArray(allowed) && typeof found === "string") {
    const words = allowed.map(String);
    return `Expected one of ${words.map((word) => JSON.stringify(word)).join(", ")}, found ${quoted(found)}.${didYouMean(found, words)}`;
  }
  // Where a text belongs a key may be meant: a number there is not repeated.
  const repeatable = code !== undefined && expected !== "string";
  const repeated = repeatable && (typeof found === "number" || typeof found === "boolean");
  if (
    code === "invalid_type" &&
    typeof expected === "string" &&
    message.startsWith("Invalid input")
  )
    return `Expected ${expected}, found ${repeated ? found : kindOf(found)}.`;
  return repeated ? `${message.replace(/\.$/, "")}, found ${found}.` : message;
}

function keysOf({ path = [] }: Issue): PropertyKey[] {
  return path.map((part) => (typeof part === "object" ? part.key : part));
}

function inside(value: unknown, issue: Issue): unknown {
  return keysOf(issue).reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined | null)?.[key],
    value,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? "" : ` Known: ${words.join(", ")}.`;
}

/** A word that stands where another belongs; what is no word may be somebody's text. */
function quoted(found: string): string {
  return /^[\w.:-]{0,40}$/.test(found)
    ? JSON.stringify(found)
    : `a text of ${found.length} characters`;
}

/** What a person gave may be megabytes long, and a prompt. */
function shorten(word: string): string {
  return word.length <= 40 ? word : `${word.slice(0, 39)}…`;
}
