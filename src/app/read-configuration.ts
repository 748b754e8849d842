import type { LoadedConfiguration, WrittenConfiguration } from "../gateway/load-configuration.ts";
import type { PluginGiven } from "../plugins/compose-kinds.ts";
import type { Kinds } from "../plugins/kinds.ts";
import type { Again, PluginLoader } from "../plugins/plugin-loader.ts";
import { builtInDefinitions } from "./built-in-definitions.ts";

/** What is to be worked with: a configuration, an object of its shape or a file, else the usual places; and plugins beside those it names. */
export interface Wanted {
  config?: string | object | undefined;
  plugins?: readonly PluginGiven[] | undefined;
  /** Which plugins are read anew, where their files have changed: none where left out. */
  again?: Again | undefined;
}

let pluginLoader: PluginLoader | undefined;

/** The kinds of backend and the capabilities there are: those that come with us, and those of plugins. */
async function kindsFor(
  { written, file }: WrittenConfiguration,
  { plugins: given = [], again }: Omit<Wanted, "config">,
): Promise<Kinds> {
  const [definitions, { builtInCapabilities: capabilities }, { namedPlugins }] = await Promise.all([
    builtInDefinitions(),
    import("../contract/capabilities.ts"),
    import("../gateway/named-plugins.ts"),
  ]);
  const named = namedPlugins(written);
  if (named.length + given.length === 0) {
    const none = { setAside: [], plugins: [], files: [], renewed: [], stale: [] };
    return { definitions, capabilities, mentionable: capabilities, origins: new Map(), ...none };
  }
  const [{ composeKinds }, { createPluginLoader }, { commandNames }] = await Promise.all([
    import("../plugins/compose-kinds.ts"),
    import("../plugins/plugin-loader.ts"),
    import("../cli/program.ts"),
  ]);
  pluginLoader ??= createPluginLoader();
  const builtIn = { definitions, capabilities, commands: commandNames };
  return composeKinds({ builtIn, loader: pluginLoader, written, named, file, given, again });
}

/** The configuration as it is written, and the kinds that there are under it. */
export async function readKinds({
  config,
  ...rest
}: Wanted): Promise<WrittenConfiguration & { kinds: Kinds }> {
  const { readWritten } = await import("../gateway/load-configuration.ts");
  const found = typeof config === "object" ? { written: config } : await readWritten(config);
  return { ...found, kinds: await kindsFor(found, rest) };
}

/** What was read before it is checked. */
export type Read = Awaited<ReturnType<typeof readKinds>>;

/** The configuration, checked, and the kinds that there are under it. */
export type Checked = LoadedConfiguration & Read;

/** Reads the configuration and checks it. @throws ModelyardError `invalid-config` */
export async function readConfiguration(
  config: Wanted["config"],
  plugins?: Wanted["plugins"],
): Promise<Checked> {
  return checkRead(await readKinds({ config, plugins }));
}

/** Checks what was read. @throws ModelyardError `invalid-config` */
export async function checkRead(read: Read): Promise<Checked> {
  const { written, file, kinds } = read;
  const [{ parseConfiguration }, { findUnnamed, projectFolders }] = await Promise.all([
    import("../gateway/parse-configuration.ts"),
    import("../plugins/find-unnamed.ts"),
  ]);
  const { definitions, mentionable: capabilities, plugins } = kinds;
  const named = plugins.map(({ plugin }) => plugin);
  const unnamed = () => findUnnamed(projectFolders(file), named);
  const parsed = parseConfiguration(written, { definitions, capabilities, file, unnamed });
  const configuration =
    kinds.setAside.length === 0 ? parsed : await withoutWalls(parsed, kinds.origins);
  return { ...read, configuration };
}

/** What stands in for a kind that was set aside runs here: it has no file that another process could import. */
async function withoutWalls(
  configuration: LoadedConfiguration["configuration"],
  origins: Kinds["origins"],
): Promise<LoadedConfiguration["configuration"]> {
  const [{ runTypesHere }, { standInOrigin }] = await Promise.all([
    import("../gateway/run-types-here.ts"),
    import("../contract/set-aside.ts"),
  ]);
  const standIns = [...origins].filter(([, origin]) => origin === standInOrigin);
  return runTypesHere(configuration, new Set(standIns.map(([type]) => type)));
}
