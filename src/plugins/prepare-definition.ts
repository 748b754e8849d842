import type { AnyBackendDefinition } from "../contract/backend.ts";

/** A plugin's definition as such, with what a process wall needs to know, its module, and there without being configured where it needs no configuration. */
export function prepareDefinition(
  definition: AnyBackendDefinition,
  url?: string,
): AnyBackendDefinition {
  const module = definition.module ?? url;
  return {
    ...definition,
    fromPlugin: true,
    ...(module === undefined ? {} : { module }),
    builtIn: definition.builtIn ?? needsNothing(definition),
  };
}

function needsNothing({ config }: AnyBackendDefinition): boolean {
  try {
    const outcome: unknown = config["~standard"].validate({});
    return typeof outcome === "object" && outcome !== null && "value" in outcome;
  } catch {
    // A schema that can't be asked is asked once more with what is configured, and tells then.
    return false;
  }
}
