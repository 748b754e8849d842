import fs from "node:fs";
import { findPackageJSON } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packageEntry } from "./package-entry.ts";
import type { Problem } from "./problem.ts";

/** A plugin as somebody names it: a path, a folder, or a package. */
export interface NamedPlugin {
  readonly name: string;
  /** The folder that a path begins at, and where a package is looked for first. */
  readonly from: string;
}

/** The file that a plugin's name means. */
export interface PluginFile {
  readonly file: string;
  readonly problem?: undefined;
}

const sources = /\.(ts|mts|cts|js|mjs|cjs)$/;
const typed = /\.[mc]?ts$/;
const packageName = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*/i;

/** Why there is none. */
export interface NoFile extends Problem {
  /** Where one was looked for, and may yet be. */
  readonly place?: string;
}

/** Finds the file that a plugin's name means; or says what is wrong. Never throws. */
export function resolvePlugin(named: NamedPlugin): PluginFile | NoFile {
  try {
    return findFile(named);
  } catch (error) {
    // A link that leads in a circle, a folder that may not be read, an address of another machine.
    return {
      problem: `${named.name} can't be looked up: ${(error as Error).message}.`,
      remedy: "Name a file, a folder or a package that can be read here.",
    };
  }
}

function findFile({ name, from }: NamedPlugin): PluginFile | NoFile {
  const found = isPath(name) ? resolvePath(name, from) : resolvePackage(name, from);
  if (found.problem !== undefined) return found;
  // A package that is linked lies where it really is, and so do its own packages.
  const file = fs.realpathSync(found.file);
  if (!sources.test(file)) {
    return {
      problem: `${file} is neither JavaScript nor TypeScript.`,
      remedy: "Name a file that ends in .ts, .mts, .js or .mjs, or a folder that holds one.",
    };
  }
  if (typed.test(file) && file.split(path.sep).includes("node_modules")) {
    return {
      problem: `${file} is TypeScript inside node_modules, which Node does not run.`,
      remedy: "A package has to hold JavaScript: build it first, or name its source by path.",
    };
  }
  return { file };
}

/** `./acme.ts`, `acme/`, `acme.ts`, `/plugins/acme`; everything else is a package's name. */
export function isPath(name: string): boolean {
  return (
    /^(\.{0,2}[/\\]|\.{1,2}$|file:|[A-Za-z]:[/\\])/.test(name) ||
    /[/\\]$/.test(name) ||
    sources.test(name) ||
    !packageName.test(name)
  );
}

function resolvePath(name: string, from: string): PluginFile | NoFile {
  const place = name.startsWith("file:") ? fileURLToPath(name) : path.resolve(from, name);
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) {
    return {
      problem: `There is no file ${place}.`,
      remedy: `A path begins at ${from}: mend it there, or take the plugin out.`,
      place,
    };
  }
  if (!stat.isDirectory()) return { file: place };
  const file = packageEntry(place);
  return file === undefined ? noEntry(place) : { file };
}

function noEntry(folder: string): Problem {
  const others = fs.readdirSync(folder).filter((file) => sources.test(file));
  const [first] = others;
  const example =
    first === undefined ? "" : ` Or name the file itself: ${path.join(folder, first)}.`;
  return {
    problem: `${folder} is a folder without an entry.`,
    remedy: `Put an index.ts or index.js into it, or a package.json with "exports" or "main" that names a file that is there.${example}`,
  };
}

function resolvePackage(name: string, from: string): PluginFile | Problem {
  const [bare = name] = packageName.exec(name) ?? [];
  const places = [...new Set([from, process.cwd(), import.meta.dirname])];
  const folder = places.map((place) => packageFolder(bare, place)).find(isText);
  if (folder === undefined) {
    const here = fs.existsSync(path.resolve(from, name))
      ? ` Where the path is meant, write ./${name}.`
      : "";
    return {
      problem: `The package ${bare} is not installed.`,
      remedy: `Install it where the configuration lies: npm install ${bare}.${here}`,
    };
  }
  const file = packageEntry(folder, `.${name.slice(bare.length)}`);
  return file === undefined ? noEntry(folder) : { file };
}

function packageFolder(name: string, from: string): string | undefined {
  try {
    const manifest = findPackageJSON(name, pathToFileURL(path.join(from, "plugin.js")));
    return manifest === undefined ? undefined : path.dirname(manifest);
  } catch {
    // Not here; perhaps in the next place.
    return undefined;
  }
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
