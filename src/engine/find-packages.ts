import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EnginePackages } from "../contract/backend.ts";
import type { PackagePlace } from "./messages.ts";
import { platformKey } from "./platform-key.ts";

export interface FoundPackages {
  /** Set where all of them lie there, in the right version. */
  readonly place?: PackagePlace;
  /** Why what lies there does not serve; left out where nothing lies there. */
  readonly problem?: string;
}

/** Whether an engine's packages can be imported from a folder. A patch version apart from the pinned one will do. */
export function findPackages(packages: EnginePackages, folder: string): FoundPackages {
  const names = Object.keys(packages.versions);
  const binaries = packages.binaries?.[platformKey()] ?? {};
  for (const [name, wanted] of Object.entries(packages.versions)) {
    const found = findPackage(name, folder);
    if (found === undefined) return {};
    if (minorOf(found.version) !== minorOf(wanted)) {
      return { problem: `${name} ${found.version} is installed, but ${wanted} is needed` };
    }
    const missing = Object.keys(binaries).find(
      (binary) => findPackage(binary, found.folder) === undefined,
    );
    if (name === names[0] && missing !== undefined) {
      return { problem: `${name} ${found.version} is installed, but not its binaries, ${missing}` };
    }
  }
  return { place: { names, folder } };
}

/** Looks for a package as Node does; its `exports` may hide its package.json, so not with Node's own resolver. */
function findPackage(name: string, from: string): { version: string; folder: string } | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    const version = readVersion(candidate);
    if (version !== undefined) return { version, folder: candidate };
    if (folder === dirname(folder)) return undefined;
  }
}

function readVersion(folder: string): string | undefined {
  try {
    const content = readFileSync(join(folder, "package.json"), "utf8");
    return (JSON.parse(content) as { version?: string }).version;
  } catch {
    // Not there, or not a package: Node would look further up as well.
    return undefined;
  }
}

function minorOf(version: string): string {
  return version.split(".", 2).join(".");
}
