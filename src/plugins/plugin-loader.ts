import { pathToFileURL } from "node:url";
import { readExports, type Exports } from "../contract/read-exports.ts";
import { describeImportFailure, type Thrown } from "./describe-import-failure.ts";
import { prepareDefinition } from "./prepare-definition.ts";
import { isPath, resolvePlugin, type NamedPlugin } from "./resolve-plugin.ts";
import { resolveOwnSubpaths } from "./resolve-own-subpaths.ts";
import type { SetAside } from "../contract/set-aside.ts";
import { tryPlugins } from "./trial.ts";

/** A plugin that is here. */
export interface LoadedPlugin extends Exports {
  readonly plugin: string;
  /** Its path, or its package: where what it brings comes from. */
  readonly origin: string;
  /** Where it was read; a program may bring one itself. */
  readonly file?: string;
}

/** A plugin that is not. */
export interface RefusedPlugin extends SetAside {
  /** Where it is known. */
  readonly file?: string;
}

export type PluginOutcome = LoadedPlugin | RefusedPlugin;

/** Loads plugins, each once for as long as its file stays what it is. */
export interface PluginLoader {
  /** In the order of their names; one that is named twice is loaded once. Never rejects. */
  load(named: readonly NamedPlugin[]): Promise<PluginOutcome[]>;
}

/** `limitMs`: how long an import may take. */
export function createPluginLoader(limitMs?: number): PluginLoader {
  const known = new Map<string, PluginOutcome>();
  let turn: Promise<unknown> = Promise.resolve();

  async function load(named: readonly NamedPlugin[]): Promise<PluginOutcome[]> {
    const resolved = named.map((each) => ({ ...each, found: resolvePlugin(each) }));
    const files = [...new Set(resolved.flatMap(({ found }) => found.file ?? []))];
    const fresh = files.filter((file) => !known.has(file));
    if (fresh.length > 0) {
      const problems = await tryPlugins(fresh.map(toUrl), limitMs);
      resolveOwnSubpaths();
      for (const file of fresh) {
        const { name: plugin } = resolved.find(({ found }) => found.file === file)!;
        const problem = problems.get(toUrl(file));
        known.set(
          file,
          problem === undefined ? await importPlugin(plugin, file) : { plugin, ...problem, file },
        );
      }
    }
    const seen = new Set<string>();
    return resolved.flatMap(({ name, found }): PluginOutcome[] => {
      if (found.problem !== undefined) {
        const { problem, remedy } = found;
        return [{ plugin: name, problem, remedy }];
      }
      if (seen.has(found.file)) return [];
      seen.add(found.file);
      const outcome = known.get(found.file);
      return outcome === undefined ? [] : [outcome];
    });
  }

  return {
    load(named) {
      const result = turn.then(() => load(named));
      turn = result.catch(() => {}); // told to who asked
      return result;
    },
  };
}

function toUrl(file: string): string {
  return pathToFileURL(file).href;
}

async function importPlugin(plugin: string, file: string): Promise<PluginOutcome> {
  const url = toUrl(file);
  try {
    const found = readExports((await import(url)) as object);
    if (found.problem !== undefined) return { plugin, file, ...found };
    const definitions = found.definitions.map((each) => prepareDefinition(each, url));
    const origin = isPath(plugin) ? file : plugin;
    return { plugin, origin, file, definitions, capabilities: found.capabilities };
  } catch (error) {
    // It went well a moment ago, in a process of its own.
    return { plugin, ...describeImportFailure(toThrown(error)), file };
  }
}

function toThrown(error: unknown): Thrown {
  return error instanceof Error ? (error as Thrown) : { message: String(error) };
}
