import fs from "node:fs";
import path from "node:path";
import { readManifest } from "./package-entry.ts";

const pluginPackage = /^(@[^/]+\/)?modelyard-backend-./;

/** Packages of a project that are plugins by their name, installed or asked for, and that nobody has named: listed, never loaded. */
export function findUnnamed(folders: readonly string[], named: readonly string[]): string[] {
  const found = folders.flatMap((folder) => [
    ...installedIn(path.join(folder, "node_modules")),
    ...askedForIn(folder),
  ]);
  return [...new Set(found)].filter((name) => !named.includes(name)).toSorted();
}

/** Where packages of the project may be: where it is started, and where the configuration's file lies. */
export function projectFolders(file: string | undefined): string[] {
  return [...new Set([process.cwd(), ...(file === undefined ? [] : [path.dirname(file)])])];
}

function installedIn(folder: string): string[] {
  return namesIn(folder)
    .flatMap((name) =>
      name.startsWith("@")
        ? namesIn(path.join(folder, name)).map((inside) => `${name}/${inside}`)
        : [name],
    )
    .filter((name) => pluginPackage.test(name));
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // No such folder: nothing is installed there.
    return [];
  }
}

function askedForIn(folder: string): string[] {
  const manifest = readManifest(folder) ?? {};
  return ["dependencies", "devDependencies", "optionalDependencies"]
    .flatMap((key) => Object.keys((manifest[key] as object | undefined) ?? {}))
    .filter((name) => pluginPackage.test(name));
}
