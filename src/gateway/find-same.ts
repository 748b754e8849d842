import { isDeepStrictEqual } from "node:util";
import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import type { RunningBackend } from "./running-backend.ts";

/** The one that runs and was made from the same: the same kind, and the same configuration. */
export function findSame(
  running: ReadonlyMap<string, RunningBackend>,
  definition: AnyBackendDefinition,
  configured: ConfiguredBackend,
): RunningBackend | undefined {
  const found = running.get(configured.name);
  const same = found?.definition === definition && isDeepStrictEqual(found.configured, configured);
  return same ? found : undefined;
}
