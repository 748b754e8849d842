import type { AnyBackendDefinition } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Configuration, ConfiguredBackend } from "./configuration.ts";
import type { Discovery } from "./discovery/discovery.ts";
import { resolveFound } from "./discovery/resolve-found.ts";
import { createModelNames, type ModelNames } from "./model-names.ts";
import type { Registry } from "./registry.ts";

/** What is configured at one moment. It is never changed, only replaced: a call keeps the one it began with. */
export interface Snapshot {
  readonly configuration: Configuration;
  readonly names: ModelNames;
  /** The backends that are to run, each with its kind. */
  readonly backends: readonly (readonly [AnyBackendDefinition, ConfiguredBackend])[];
}

export interface SnapshotOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly registry: Registry;
  /** Asked where this configuration wants servers to be looked for. */
  readonly discovery: Discovery;
}

/** @throws ModelyardError `invalid-config` for a kind of backend that is not there */
export function createSnapshot(
  configuration: Configuration,
  { definitions, registry, discovery }: SnapshotOptions,
): Snapshot {
  const names = createModelNames(configuration, registry);
  const byType = new Map(definitions.map((each) => [each.type, each]));
  return {
    configuration,
    names: configuration.discover ? resolveFound(names, discovery) : names,
    backends: configuration.backends
      .filter(({ settings }) => settings.enabled)
      .map((configured) => [definitionOf(configured.settings.type, byType), configured]),
  };
}

function definitionOf(
  type: string,
  byType: ReadonlyMap<string, AnyBackendDefinition>,
): AnyBackendDefinition {
  const definition = byType.get(type);
  if (definition !== undefined) return definition;
  throw new ModelyardError("invalid-config", `Unknown type of backend: ${JSON.stringify(type)}.`);
}
