import type { Configuration } from "./configuration.ts";

/** The same configuration with every backend of these types in a process of its own. */
export function isolateTypes(
  configuration: Configuration,
  types: ReadonlySet<string>,
): Configuration {
  return {
    ...configuration,
    backends: configuration.backends.map((each) =>
      types.has(each.settings.type)
        ? { ...each, settings: { ...each.settings, isolate: true } }
        : each,
    ),
  };
}
