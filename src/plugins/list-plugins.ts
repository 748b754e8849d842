import type { SetAside } from "../contract/set-aside.ts";
import { findUnnamed, projectFolders } from "./find-unnamed.ts";
import type { Kinds } from "./kinds.ts";

export interface ListedPlugins {
  used: { plugin: string; origin: string; backends: string[]; capabilities: string[] }[];
  setAside: SetAside[];
  unnamed: string[];
}

/** The plugins that are used, those that are not, and the packages of the project that nobody has named. */
export function listPlugins({
  kinds: { plugins, setAside },
  named,
  file,
}: {
  kinds: Kinds;
  named: readonly string[];
  /** The configuration's. */
  file?: string | undefined;
}): ListedPlugins {
  return {
    used: plugins.map(({ plugin, origin, definitions, capabilities }) => ({
      plugin,
      origin,
      backends: definitions.map(({ type }) => type),
      capabilities: capabilities.map(({ name }) => name),
    })),
    setAside: [...setAside],
    unnamed: findUnnamed(projectFolders(file), named),
  };
}
