import type { AnyBackendDefinition } from "../contract/backend.ts";

/** A kind of backend that is installed. */
export interface BackendKind {
  type: string;
  description?: string;
  /** Where it comes from: `built in`, or a plugin's path or package. */
  origin: string;
  capabilities: string[];
  /** The model that serves a capability where nobody names one: capability → model. */
  defaults?: Readonly<Record<string, string>>;
}

/** Kinds of backend as they are shown; `origins`: where those come from that are not built in, by type. */
export function listKinds(
  definitions: readonly AnyBackendDefinition[],
  origins: ReadonlyMap<string, string>,
): BackendKind[] {
  return definitions.map(({ type, description, capabilities = [], defaults }) => ({
    type,
    ...(description === undefined ? {} : { description }),
    origin: origins.get(type) ?? "built in",
    capabilities: [...capabilities],
    ...(defaults === undefined ? {} : { defaults }),
  }));
}
