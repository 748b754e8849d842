import type { Configuration } from "./configuration.ts";

/** The same configuration with no backend of these types in a process of its own, whatever it says. */
export function runTypesHere(
  configuration: Configuration,
  types: ReadonlySet<string>,
): Configuration {
  return {
    ...configuration,
    backends: configuration.backends.map((each) =>
      types.has(each.settings.type)
        ? { ...each, settings: { ...each.settings, isolate: false } }
        : each,
    ),
  };
}
