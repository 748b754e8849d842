import { isDeepStrictEqual } from "node:util";
import { parse, TomlError, type TomlTable } from "smol-toml";
import { fieldsOf } from "../../contract/fields-of.ts";
import { wayKeys } from "./create-entry.ts";
import type { Wanted } from "./put-json-entry.ts";

/**
 * A TOML text with the entry as a table of its own. All else stays as it is written, what else the table holds too.
 * @throws Error saying what is wrong with the text, or that the entry is there in a form that is not changed here
 */
export function putTomlEntry(text: string, wanted: Wanted): string {
  const bare = text.replace(/^\uFEFF/, "");
  const before = readTable(bare);
  const after = editLines(bare, wanted);
  if (!isAsWanted(before, after, wanted))
    throw new Error(`what it holds leaves no place for a table ${headerOf(wanted)}`);
  return after;
}

function readTable(text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { message, line, column } = error;
    // The lines behind the first show the file's own.
    const [why = ""] = message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new Error(`it is no TOML: ${why} at line ${line}, column ${column}`, { cause: error });
  }
}

/** Whether the text says what was there before, and the entry: it was edited by its lines, which may have been something else. */
function isAsWanted(before: TomlTable, text: string, { key, name, entry }: Wanted): boolean {
  let after: TomlTable;
  try {
    after = parse(text);
  } catch (error) {
    if (error instanceof TomlError) return false;
    throw error;
  }
  const servers = fieldsOf(before[key]);
  const kept = Object.entries(fieldsOf(servers[name])).filter(
    ([each]) => !(wayKeys as readonly string[]).includes(each),
  );
  const whole = { ...Object.fromEntries(kept), ...entry };
  const expected = { ...before, [key]: { ...servers, [name]: whole } };
  // The parser's objects have no prototype.
  return isDeepStrictEqual(structuredClone(after), structuredClone(expected));
}

function headerOf({ key, name }: Wanted): string {
  return `[${key}.${name}]`;
}

function editLines(text: string, wanted: Wanted): string {
  const { key, name, entry } = wanted;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const own = lines.findIndex((line) => tableOf(line) === `${key}.${name}`);
  const assignments = Object.entries(entry).map(([each, value]) => `${each} = ${toToml(value)}`);
  if (own === -1) {
    const before = text.trimEnd();
    const gap = before === "" ? "" : `${before}${eol}${eol}`;
    return `${gap}${[headerOf(wanted), ...assignments].join(eol)}${eol}`;
  }
  const after = lines.findIndex((line, index) => index > own && tableOf(line) !== undefined);
  const end = after === -1 ? lines.length : after;
  const rest = withoutWay(lines.slice(own + 1, end));
  return [...lines.slice(0, own + 1), ...assignments, ...rest, ...lines.slice(end)].join(eol);
}

/** The name of the table that a line begins, without quotes: `mcp_servers.modelyard`. */
function tableOf(line: string): string | undefined {
  const [, name] = /^\s*\[\[?\s*([\w."' -]+?)\s*\]\]?\s*(?:#.*)?$/.exec(line) ?? [];
  return name?.replaceAll(/["' ]/g, "");
}

/** The lines of a table but those that say how a server is reached; a list may go over several. */
function withoutWay(lines: readonly string[]): string[] {
  let open = 0;
  return lines.filter((line) => {
    const [, left = ""] = /^\s*["']?([\w-]+)["']?\s*=/.exec(line) ?? [];
    const isOurs = open > 0 || (wayKeys as readonly string[]).includes(left);
    if (isOurs) open += depthOf(line);
    return !isOurs;
  });
}

/** How many more brackets a line opens than it closes, those in texts aside. */
function depthOf(line: string): number {
  const bare = line.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'|#.*$/g, "");
  return bare.split("[").length - bare.split("]").length;
}

/** Texts and lists of texts: what JSON escapes TOML does too. */
function toToml(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(toToml).join(", ")}]` : JSON.stringify(value);
}
