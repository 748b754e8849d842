import { registerHooks } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const extension = extname(fileURLToPath(import.meta.url));
const own = new URL("../", import.meta.url).href;
/** The folder of our package, where a file finds us by our own name. */
const ownPackage = new URL("../../", import.meta.url).href;

/** What a plugin may import of us, and the module that is running: built, or as it was written. */
const subpaths: Readonly<Record<string, string>> = {
  modelyard: `${own}index${extension}`,
  "modelyard/backend": `${own}contract/index${extension}`,
  "modelyard/testing": `${own}testing/index${extension}`,
};

/** In the address of a file that is read anew: `?modelyard-version=2`. */
export const versionKey = "modelyard-version";

let installed = false;

/**
 * From now on a file that has no package `modelyard` near it finds this one under that name: a plugin runs as it is, in an empty
 * folder. One that has its own finds its own. And what a file imports that is read anew is read anew too, its packages excepted.
 */
export function resolveOwnSubpaths(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const ours = subpaths[specifier];
      if (ours !== undefined) return resolveOurs(ours, () => nextResolve(specifier, context));
      const found = nextResolve(specifier, context);
      const version = versionOf(context.parentURL);
      if (version === null || !isSource(found.url) || versionOf(found.url) !== null) return found;
      return { ...found, url: withVersion(found.url, version) };
    },
  });
}

/** The address under which a file is read once more. */
export function withVersion(url: string, version: string | number): string {
  return `${url}${url.includes("?") ? "&" : "?"}${versionKey}=${version}`;
}

function resolveOurs<Found extends { url: string }>(ours: string, natural: () => Found) {
  try {
    const found = natural();
    // Our own examples name us too; what runs is not always what was built.
    if (
      !found.url.startsWith(ownPackage) ||
      found.url.includes("/node_modules/", ownPackage.length)
    )
      return found;
  } catch {
    // Nothing of this name is near the file, or one without this subpath.
  }
  return { url: ours, shortCircuit: true };
}

/** Which reading of a file an address means; null for the first. */
export function versionOf(url: string | undefined): string | null {
  if (url === undefined || !url.includes(versionKey)) return null;
  return new URL(url).searchParams.get(versionKey);
}

/** Whether it is a file of a plugin itself, not of a package and not ours. */
export function isSource(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/") && !url.startsWith(own);
}
