import fs from "node:fs";
import path from "node:path";

type Fields = Readonly<Record<string, unknown>>;

/** What Node goes by when it imports, in the order of the file. */
const conditions = new Set(["node", "import", "module-sync", "default"]);
const usual = ["index.ts", "index.mts", "index.js", "index.mjs", "index.cjs"];

/** The file that a folder stands for: what its package.json says (`exports`, else `main`), else `index.ts`, `.js` and so on; undefined where there is none. */
export function packageEntry(folder: string, subpath = "."): string | undefined {
  const manifest = readManifest(folder);
  const said = manifest === undefined ? undefined : saidEntry(manifest, subpath);
  const candidates = [
    ...(said === undefined ? [] : [said, `${said}.js`, path.join(said, "index.js")]),
    ...(subpath === "." ? usual : []),
  ];
  return candidates.map((each) => path.join(folder, each)).find(isFile);
}

function saidEntry({ exports, main }: Fields, subpath: string): string | undefined {
  if (exports !== undefined) {
    const fields = asFields(exports);
    const isMap = fields !== undefined && Object.keys(fields).some((key) => key.startsWith("."));
    return target(isMap ? fields[subpath] : subpath === "." ? exports : undefined);
  }
  if (subpath !== ".") return subpath;
  return typeof main === "string" && main !== "" ? main : undefined;
}

function target(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (Array.isArray(exported)) return exported.map(target).find((each) => each !== undefined);
  const fields = asFields(exported) ?? {};
  for (const [condition, inside] of Object.entries(fields)) {
    const found = conditions.has(condition) ? target(inside) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Undefined where there is none, or one that is no JSON: then nothing it says can be gone by. */
export function readManifest(folder: string): Fields | undefined {
  try {
    return asFields(JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")));
  } catch {
    return undefined;
  }
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
