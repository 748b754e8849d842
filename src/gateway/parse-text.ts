import { parse, printParseErrorCode, visit, type ParseError } from "jsonc-parser";
import type { Problem } from "../contract/describe-issues.ts";
import { invalidConfiguration } from "./parse-configuration.ts";

/** JSON with comments and trailing commas. A key that stands twice is a problem: one of the two would be lost. So would `__proto__`. */
export function parseText(written: string, file: string): unknown {
  const text = written.replace(/^\uFEFF/, "");
  const plain = parsePlain(text);
  if (plain !== undefined) return plain.value;
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (
    value === undefined &&
    errors.every(({ error }) => printParseErrorCode(error) === "ValueExpected")
  ) {
    const message = "Holds nothing. An object without keys, {}, configures nothing.";
    throw invalidConfiguration([{ path: "", message }], file);
  }
  const problems: Problem[] = [
    ...firstAtEachPlace(errors).map(({ error, offset }) => ({
      path: positionOf(offset, text),
      message: `${spellOut(printParseErrorCode(error))}.`,
    })),
    ...(errors.length === 0 ? findLostKeys(text) : []),
  ];
  if (problems.length > 0) throw invalidConfiguration(problems, file);
  return value;
}

/** What is said of a place after the first is the same mistake once more. */
function firstAtEachPlace(errors: readonly ParseError[]): ParseError[] {
  return errors.filter(({ offset }, index) => offset !== errors[index - 1]?.offset);
}

/** Strict JSON that loses no key, which is most of what is large: a tenth of the time. Undefined for all else. */
function parsePlain(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return countKeys(value) === countWrittenKeys(text) ? { value } : undefined;
  } catch {
    return undefined; // It has comments, or is none: the other parser tells.
  }
}

/** `NaN`, which is equal to nothing, where a key can't be a name. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countKeys(each), 0);
  let count = 0;
  for (const [key, each] of Object.entries(value))
    count += key === "__proto__" ? NaN : 1 + countKeys(each);
  return count;
}

/** A text that a colon follows, in JSON that is sound. */
function countWrittenKeys(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g))
    if (colon !== undefined) count++;
  return count;
}

function findLostKeys(text: string): Problem[] {
  const problems: Problem[] = [];
  const open: Set<string>[] = [];
  visit(
    text,
    {
      onObjectBegin: () => void open.push(new Set()),
      onObjectEnd: () => void open.pop(),
      onObjectProperty(name, offset) {
        const names = open.at(-1);
        const isTwin = names?.has(name) === true;
        // The parser takes this name for something else, and drops it.
        if (isTwin || name === "__proto__") {
          const quoted = JSON.stringify(name);
          const message = isTwin ? `${quoted} stands here twice.` : `${quoted} can't be a name.`;
          problems.push({ path: positionOf(offset, text), message });
        }
        names?.add(name);
      },
    },
    { allowTrailingComma: true },
  );
  return problems;
}

function positionOf(offset: number, text: string): string {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `CommaExpected` → `Comma expected`. */
function spellOut(code: string): string {
  return code.replace(/(?<=[a-z])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}
