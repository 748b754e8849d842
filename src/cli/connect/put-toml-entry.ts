import { wayKeys } from "./create-entry.ts";
import type { Wanted } from "./put-json-entry.ts";

/**
 * A TOML text with the entry as a table of its own. All else stays as it is written, what else the table holds too.
 * @throws Error where the entry is there in a form that is not changed here
 */
export function putTomlEntry(text: string, { key, name, entry }: Wanted): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const header = `[${key}.${name}]`;
  const own = lines.findIndex((line) => tableOf(line) === `${key}.${name}`);
  const assignments = Object.entries(entry).map(([each, value]) => `${each} = ${toToml(value)}`);
  if (own === -1) {
    if (isInline(lines, key, name))
      throw new Error(`${key} holds ${name} in another form than a table ${header}`);
    const before = text.trimEnd();
    const gap = before === "" ? "" : `${before}${eol}${eol}`;
    return `${gap}${[header, ...assignments].join(eol)}${eol}`;
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

/** Whether the entry stands there without a table of its own: `mcp_servers = { … }`, `mcp_servers.modelyard.command = …`. */
function isInline(lines: readonly string[], key: string, name: string): boolean {
  let table = "";
  return lines.some((line) => {
    table = tableOf(line) ?? table;
    const [, left = ""] = /^\s*([\w."' -]+?)\s*=/.exec(line) ?? [];
    const whole = [table, left.replaceAll(/["' ]/g, "")].filter((part) => part !== "").join(".");
    return left !== "" && (whole === key || `${whole}.`.startsWith(`${key}.${name}.`));
  });
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
