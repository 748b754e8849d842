import { dirname } from "node:path";
import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { readExports } from "../contract/read-exports.ts";
import { standInOrigin } from "../contract/set-aside.ts";
import { findUnknown } from "./find-unknown.ts";
import { combineKinds, type BuiltIn, type Kinds } from "./kinds.ts";
import type { Again, LoadedPlugin, PluginLoader } from "./plugin-loader.ts";
import { prepareCapability } from "./prepare-capability.ts";
import { prepareDefinition } from "./prepare-definition.ts";
import { standIn, standInCapability } from "./stand-in.ts";

/** A plugin as a program gives it: what it brings, or a path or a package. */
export type PluginGiven = string | AnyBackendDefinition | AnyCapability;

export interface ComposeOptions {
  readonly builtIn: BuiltIn;
  readonly loader: PluginLoader;
  /** The configuration as it is written. */
  readonly written: unknown;
  /** The names in it, their variables replaced. */
  readonly named: readonly string[];
  /** Where it comes from; a path in it begins at its folder. */
  readonly file?: string | undefined;
  /** Those that are given beside it: a path among them begins at the working directory. */
  readonly given: readonly PluginGiven[];
  /** Which of those that are known are read anew. */
  readonly again?: Again | undefined;
}

/** All kinds there are: what is built in, and what plugins bring. Where one was set aside, what may have been its own is stood in for. */
export async function composeKinds(options: ComposeOptions): Promise<Kinds> {
  const { builtIn, loader, written, named, file, given, again } = options;
  const here = process.cwd();
  const { outcomes, ...news } = await loader.load(
    [
      ...named.map((name) => ({ name, from: file === undefined ? here : dirname(file) })),
      ...given.filter((each) => typeof each === "string").map((name) => ({ name, from: here })),
    ],
    again,
  );
  const values = given.flatMap((each) => (typeof each === "string" ? [] : [readGiven(each)]));
  const kinds = combineKinds(builtIn, [...outcomes, ...values]);
  const { setAside, capabilities } = kinds;
  const names = capabilities.map(({ name }) => name);
  if (setAside.length === 0) return { ...kinds, ...news, mentionable: capabilities };

  const unknown = findUnknown(written, kinds.definitions, names);
  const types = [...new Set([...unknown.types, ...unknown.backends])];
  const standIns = types.map((type) =>
    standIn(type, { setAside, builtIn: unknown.backends.includes(type) }),
  );
  return {
    ...kinds,
    ...news,
    definitions: [...kinds.definitions, ...standIns],
    origins: new Map([...kinds.origins, ...types.map((type) => [type, standInOrigin] as const)]),
    mentionable: [...capabilities, ...unknown.capabilities.map(standInCapability)],
  };
}

/** @throws ModelyardError `invalid-config`: a program that gives what is none is wrong itself */
function readGiven(value: AnyBackendDefinition | AnyCapability): LoadedPlugin {
  const found = readExports({ default: value });
  if (found.problem !== undefined) {
    throw new ModelyardError(
      "invalid-config",
      `One of the plugins that were given is none. ${found.problem.replace("Its default export", "It")}`,
      { remedy: found.remedy.replace("Write `export default ", "Give `") },
    );
  }
  const [name = "plugin"] = [
    ...found.definitions.map(({ type }) => type),
    ...found.capabilities.map((each) => each.name),
  ];
  const definitions = found.definitions.map((each) => prepareDefinition(each));
  return {
    plugin: name,
    origin: "the program",
    definitions,
    capabilities: found.capabilities.map(prepareCapability),
  };
}
