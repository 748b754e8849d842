import { pathToFileURL } from "node:url";
import { toModelyardError } from "../contract/errors.ts";
import { readExports, type Exports } from "../contract/read-exports.ts";
import type { SetAside } from "../contract/set-aside.ts";
import { describeImportFailure, type Thrown } from "./describe-import-failure.ts";
import { prepareCapability } from "./prepare-capability.ts";
import { prepareDefinition } from "./prepare-definition.ts";
import { resolveOwnSubpaths, withVersion } from "./resolve-own-subpaths.ts";
import {
  isPath,
  resolvePlugin,
  type NamedPlugin,
  type NoFile,
  type PluginFile,
} from "./resolve-plugin.ts";
import { sourceSignature } from "./source-signature.ts";
import { tryPlugins } from "./trial.ts";

/** A plugin that is here. */
export interface LoadedPlugin extends Exports {
  readonly plugin: string;
  /** Its path, or its package: where what it brings comes from. */
  readonly origin: string;
  /** Where it was read; a program may bring one itself. */
  readonly file?: string;
}

/** One that is here, or one that is not. */
export type PluginOutcome = LoadedPlugin | SetAside;

/** Which of the plugins that are known already are read anew, where their files have changed: none, those that were refused, or all. */
export type Again = "none" | "refused" | "all";

export interface Loading {
  /** In the order of their names; one that is named twice is there once. */
  readonly outcomes: readonly PluginOutcome[];
  /** Those that were read anew. */
  readonly renewed: readonly string[];
  /** Those that can't be taken as they are now: the former version is among the outcomes. */
  readonly stale: readonly SetAside[];
}

/** Loads plugins, and keeps them. */
export interface PluginLoader {
  /** @throws ModelyardError `cancelled` where the program is interrupted meanwhile, and nothing else */
  load(named: readonly NamedPlugin[], again?: Again): Promise<Loading>;
}

interface Known {
  readonly outcome: PluginOutcome;
  readonly version: number;
  readonly signature: string;
}

/** `limitMs`: how long an import may take. */
export function createPluginLoader(limitMs?: number): PluginLoader {
  const known = new Map<string, Known>();
  /** The files that were found, by what they were looked for. */
  const fileOf = new Map<string, string>();
  let turn: Promise<unknown> = Promise.resolve();

  /** Whether it has to be read: for the first time, or once more. */
  function isDue(file: string, again: Again): boolean {
    const former = known.get(file);
    if (former === undefined) return true;
    if (again === "none" || (again === "refused" && former.outcome.problem === undefined))
      return false;
    return former.signature !== sourceSignature(file);
  }

  /** The file of a plugin; of one whose file is gone since, and which goes on as it was, the former. */
  function locate({ name, from }: NamedPlugin, stale: SetAside[]): PluginFile | NoFile {
    const found = resolvePlugin({ name, from });
    const key = JSON.stringify([from, name]);
    if (found.problem === undefined) {
      fileOf.set(key, found.file);
      return found;
    }
    const file = fileOf.get(key) ?? "";
    const former = known.get(file);
    if (former === undefined || former.outcome.problem !== undefined) return found;
    const signature = sourceSignature(file);
    if (former.signature !== signature) {
      known.set(file, { ...former, signature });
      stale.push({ plugin: name, problem: found.problem, remedy: found.remedy });
    }
    return { file };
  }

  async function load(named: readonly NamedPlugin[], again: Again): Promise<Loading> {
    const stale: SetAside[] = [];
    const resolved = named.map((each) => ({ ...each, found: locate(each, stale) }));
    const nameOf = new Map<string, string>();
    for (const { name, found } of resolved)
      if (found.problem === undefined && !nameOf.has(found.file)) nameOf.set(found.file, name);
    const due = [...nameOf.keys()]
      .filter((file) => isDue(file, again))
      .map((file) => {
        const version = (known.get(file)?.version ?? 0) + 1;
        const plain = pathToFileURL(file).href;
        const url = version === 1 ? plain : withVersion(plain, version);
        return { file, version, url, signature: sourceSignature(file) };
      });
    const renewed: string[] = [];
    if (due.length > 0) {
      const problems = await tryPlugins(
        due.map(({ url }) => url),
        limitMs,
      );
      resolveOwnSubpaths();
      for (const { file, url, ...state } of due) {
        const plugin = nameOf.get(file)!;
        const problem = problems.get(url);
        const former = known.get(file)?.outcome;
        const found: PluginOutcome =
          problem === undefined
            ? await importPlugin(plugin, file, url)
            : { plugin, ...problem, file };
        const outcome = findLost(former, found) ?? found;
        if (former !== undefined && outcome.problem === undefined) renewed.push(plugin);
        const isStale = former?.problem === undefined && outcome.problem !== undefined;
        if (former !== undefined && isStale) stale.push(outcome);
        known.set(file, { ...state, outcome: isStale ? (former ?? outcome) : outcome });
      }
    }
    const seen = new Set<string>();
    const outcomes = resolved.flatMap(({ name, found }): PluginOutcome[] => {
      if (found.problem !== undefined) {
        const { problem, remedy, place } = found;
        return [{ plugin: name, problem, remedy, ...(place !== undefined && { file: place }) }];
      }
      if (seen.has(found.file)) return [];
      seen.add(found.file);
      const outcome = known.get(found.file)?.outcome;
      return outcome === undefined ? [] : [outcome];
    });
    return { outcomes, renewed, stale };
  }

  return {
    load(named, again = "none") {
      const result = turn.then(() => load(named, again));
      turn = result.catch(() => {}); // told to who asked
      return result;
    },
  };
}

/** A version without a type that the former had would take backends away from calls: it is refused as what can't be read is. */
function findLost(former: PluginOutcome | undefined, next: PluginOutcome): SetAside | undefined {
  if (former === undefined || former.problem !== undefined || next.problem !== undefined)
    return undefined;
  const types = next.definitions.map(({ type }) => type);
  const lost = former.definitions.find(({ type }) => !types.includes(type));
  if (lost === undefined) return undefined;
  return {
    plugin: next.plugin,
    problem: `It brings no backend of type ${JSON.stringify(lost.type)} any more.`,
    remedy: "Bring it again, or restart to go on without it.",
  };
}

async function importPlugin(plugin: string, file: string, url: string): Promise<PluginOutcome> {
  const here = process.cwd();
  try {
    const found = readExports((await import(url)) as object);
    if (found.problem !== undefined) return { plugin, file, ...found };
    const definitions = found.definitions.map((each) => prepareDefinition(each, url));
    const origin = isPath(plugin) ? file : plugin;
    const capabilities = found.capabilities.map(prepareCapability);
    return { plugin, origin, file, definitions, capabilities };
  } catch (error) {
    // It went well a moment ago, in a process of its own.
    return { plugin, ...describeImportFailure(toThrown(error)), file };
  } finally {
    // Paths that are given begin there, those of the next plugin too.
    if (process.cwd() !== here) process.chdir(here);
  }
}

function toThrown(error: unknown): Thrown {
  return error instanceof Error ? (error as Thrown) : { message: toModelyardError(error).message };
}
