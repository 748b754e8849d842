import type { Configuration } from "./configuration.ts";

/** The same configuration with every backend of these types in a process of its own; or none of them, whatever it says. */
export function isolateTypes(
  configuration: Configuration,
  types: ReadonlySet<string>,
  isolate = true,
): Configuration {
  return {
    ...configuration,
    backends: configuration.backends.map((each) =>
      types.has(each.settings.type) ? { ...each, settings: { ...each.settings, isolate } } : each,
    ),
  };
}
