import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PackagePlace } from "./messages.ts";

/** From now on, imports of these packages by name are resolved from that folder, whoever imports them. */
export function redirectPackages({ names, folder }: PackagePlace): void {
  const parentURL = pathToFileURL(join(folder, "package.json")).href;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const isTheirs = names.some((name) => specifier === name || specifier.startsWith(`${name}/`));
      return nextResolve(specifier, isTheirs ? { ...context, parentURL } : context);
    },
  });
}
