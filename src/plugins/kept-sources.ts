import { registerHooks } from "node:module";
import type { ModuleSource, ModuleSources } from "../contract/module-source.ts";
import { isSource, versionOf, withVersion } from "./resolve-own-subpaths.ts";

const kept = new Map<string, ModuleSource>();
let isKeeping = false;

/** From now on the text of what plugins are made of is kept as it is imported here, their packages excepted. */
export function keepSources(): void {
  if (isKeeping) return;
  isKeeping = true;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const { format, source } = loaded;
      if (isSource(url) && source !== undefined && source !== null)
        kept.set(url, { format, source: toText(source) });
      return loaded;
    },
  });
}

/** What was kept of a module and of all that was imported under the same version. */
export function sourcesOf(module: string): ModuleSources {
  const version = versionOf(module);
  return new Map([...kept].filter(([url]) => versionOf(url) === version));
}

/** Has this process import these, whatever is in their files now. */
export function serveSources(sources: ModuleSources): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const url = addressOf(specifier, context.parentURL);
      const found = sources.get(url);
      return found === undefined
        ? nextResolve(specifier, context)
        : { url, format: found.format, shortCircuit: true };
    },
    load(url, context, nextLoad) {
      const found = sources.get(url);
      return found === undefined ? nextLoad(url, context) : { ...found, shortCircuit: true };
    },
  });
}

/** Where a file that names another by a path means it to be; what it names otherwise is for Node to find. */
function addressOf(specifier: string, parent: string | undefined): string {
  if (parent === undefined || !/^\.{1,2}\//.test(specifier)) return specifier;
  const plain = new URL(specifier, parent).href;
  const version = versionOf(parent);
  return version === null ? plain : withVersion(plain, version);
}

function toText(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
