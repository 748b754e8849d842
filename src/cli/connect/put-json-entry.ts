import { applyEdits, modify, parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import { wayKeys } from "./create-entry.ts";

/** What a file is to hold: an entry, under a name, under a key. */
export interface Wanted {
  readonly key: string;
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/**
 * A JSON text with the entry in it. All else stays as it is written, comments and what else an entry of this name holds too.
 * @throws Error saying what is wrong with the text
 */
export function putJsonEntry(text: string, { key, name, entry }: Wanted): string {
  const bare = text.replace(/^\uFEFF/, "");
  const start = bare.trim() === "" ? "{}\n" : bare;
  const found = readObject(start);
  const servers = inside(found, key, `"${key}"`);
  inside(servers, name, `"${key}.${name}"`);
  const obsolete = wayKeys.filter((each) => !(each in entry));
  const isThere = isObject(servers?.[name]);
  const changes: (readonly [readonly string[], unknown])[] = isThere
    ? [
        ...obsolete.map((each) => [[key, name, each], undefined] as const),
        ...Object.entries(entry).map(([each, value]) => [[key, name, each], value] as const),
      ]
    : [[[key, name], entry] as const];
  const formattingOptions = formattingOf(start);
  return changes.reduce((written, [place, value]) => {
    // In front: behind the last one it would stand between that one and its comment.
    const edits = modify(written, [...place], value, {
      formattingOptions,
      getInsertionIndex: () => 0,
    });
    return applyEdits(written, edits);
  }, start);
}

function readObject(text: string): Record<string, unknown> {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split("\n");
    throw new Error(
      `it is no JSON: ${printParseErrorCode(first.error)} at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`,
    );
  }
  if (!isObject(value)) throw new Error("it holds no object");
  return value;
}

function inside(
  value: Record<string, unknown> | undefined,
  key: string,
  shown: string,
): Record<string, unknown> | undefined {
  const found = value?.[key];
  if (found === undefined || isObject(found)) return found;
  throw new Error(`${shown} is no object in it`);
}

/** As the text is written: an editor's own, two spaces where nothing tells. */
function formattingOf(text: string) {
  const [, indent = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  return {
    insertSpaces: !indent.includes("\t"),
    tabSize: indent.includes("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
