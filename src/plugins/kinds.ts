import { isDeepStrictEqual } from "node:util";
import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import type { LoadedPlugin, PluginOutcome } from "./plugin-loader.ts";
import { reservedRoutes, reservedTools } from "./reserved-names.ts";
import { standInOrigin, type SetAside } from "../contract/set-aside.ts";

/** What there is to work with: kinds of backends and capabilities, those of plugins too, and the plugins that are not used. */
export interface Kinds {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  /** What a configuration may speak of: the capabilities, and where a plugin was set aside, those that it may have had. */
  readonly mentionable: readonly AnyCapability[];
  readonly setAside: readonly SetAside[];
  /** Where a plugin's kind of backend comes from, by its type; those that are built in are not named. */
  readonly origins: ReadonlyMap<string, string>;
  /** Those that are used. */
  readonly plugins: readonly LoadedPlugin[];
  /** The files of plugins, those too that were set aside. */
  readonly files: readonly string[];
  /** The plugins that were read anew in this reading. */
  readonly renewed: readonly string[];
  /** Those that can't be taken as they are now: the former version is used. */
  readonly stale: readonly SetAside[];
}

/** Whether nothing of it has changed; what stands in for others is made anew each time. */
export function areSameKinds(one: Kinds, other: Kinds): boolean {
  const isStandIn = ({ type }: AnyBackendDefinition) => one.origins.get(type) === standInOrigin;
  return (
    isDeepStrictEqual(one.setAside, other.setAside) &&
    one.capabilities.length === other.capabilities.length &&
    one.capabilities.every((each, index) => each === other.capabilities[index]) &&
    one.definitions.length === other.definitions.length &&
    one.definitions.every((each, index) => {
      const twin = other.definitions[index]!;
      return each === twin || (isStandIn(each) && each.type === twin.type);
    })
  );
}

export interface BuiltIn {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  /** The commands that are there whatever capabilities there are. */
  readonly commands: readonly string[];
}

/** What is built in and beside it what plugins bring. One of these that takes a name which is taken is set aside, whole. */
export function combineKinds(
  builtIn: BuiltIn,
  plugins: readonly PluginOutcome[],
): Omit<Kinds, "mentionable" | "renewed" | "stale"> {
  const definitions = [...builtIn.definitions];
  const capabilities = [...builtIn.capabilities];
  const origins = new Map<string, string>();
  const setAside: SetAside[] = [];
  const used: LoadedPlugin[] = [];
  for (const plugin of plugins) {
    const refused =
      plugin.problem === undefined
        ? findClash(plugin, { definitions, capabilities, origins, commands: builtIn.commands })
        : plugin;
    if (plugin.problem !== undefined || refused !== undefined) {
      const { file } = plugin;
      if (refused !== undefined) setAside.push(file === undefined ? refused : { ...refused, file });
      continue;
    }
    used.push(plugin);
    definitions.push(...plugin.definitions);
    capabilities.push(...plugin.capabilities);
    for (const { type } of plugin.definitions) origins.set(type, plugin.origin);
  }
  const files = plugins.flatMap(({ file }) => (file === undefined ? [] : [file]));
  return { definitions, capabilities, origins, setAside, plugins: used, files };
}

interface Taken {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  readonly origins: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
}

function findClash(
  { plugin, ...brought }: LoadedPlugin,
  { definitions, capabilities, origins, commands }: Taken,
): SetAside | undefined {
  for (const { type } of brought.definitions) {
    if (!definitions.some((each) => each.type === type)) continue;
    const other = origins.get(type);
    const whose = other === undefined ? "is built in" : `comes from ${other} already`;
    return {
      plugin,
      problem: `It brings a backend of type ${JSON.stringify(type)}, which ${whose}.`,
      remedy: `Give it a type of its own in \`defineBackend\`, such as "my-${type}".`,
    };
  }
  const taken = [...capabilities];
  for (const capability of brought.capabilities) {
    const clash = clashOf(capability, taken, commands);
    if (clash !== undefined) {
      return {
        plugin,
        problem: `Its capability ${JSON.stringify(capability.name)} can't take the ${clash}, which is taken.`,
        remedy: "Give it another one in `defineCapability`.",
      };
    }
    taken.push(capability);
  }
  return undefined;
}

function clashOf(
  { name, names: { tool, route, verb } }: AnyCapability,
  taken: readonly AnyCapability[],
  commands: readonly string[],
): string | undefined {
  const isReserved = reservedRoutes.some((each) => route === each || route.startsWith(`${each}/`));
  if (taken.some((each) => each.name === name)) return `name ${name}`;
  if (reservedTools.includes(tool) || taken.some(({ names }) => names.tool === tool))
    return `tool ${tool}`;
  if (isReserved || taken.some(({ names }) => names.route === route)) return `route ${route}`;
  if (commands.includes(verb) || taken.some(({ names }) => names.verb === verb))
    return `verb ${verb}`;
  return undefined;
}
