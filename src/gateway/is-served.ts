import type { Registry } from "./registry.ts";
import type { Snapshot } from "./snapshot.ts";

/** Whether somebody asks for a capability, in `defaults` or in a backend's `capabilities`, or a configured backend has it of its own. */
export function isServed(
  capability: string,
  { configuration }: Pick<Snapshot, "configuration">,
  { all }: Pick<Registry, "all">,
): boolean {
  if (configuration.defaults[capability] !== undefined) return true;
  return all.some(({ backend, configured, discovered }) => {
    const offers = configured.settings.capabilities;
    if (offers !== undefined) return offers.includes(capability);
    return (
      discovered === undefined &&
      (backend.capabilities as Readonly<Record<string, unknown>>)[capability] !== undefined
    );
  });
}
