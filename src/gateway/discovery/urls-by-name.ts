import type { AnyBackendDefinition } from "../../contract/backend.ts";
import type { Configuration } from "../configuration.ts";
import { placementOf } from "../placement-of.ts";

/** Where each backend sends that is configured, what is switched off included: backend → address. */
export function urlsByName(
  { backends }: Pick<Configuration, "backends">,
  definitions: readonly AnyBackendDefinition[],
): Map<string, string> {
  const urls = new Map<string, string>();
  for (const configured of backends) {
    const definition = definitions.find(({ type }) => type === configured.settings.type);
    if (definition?.upstream === undefined) continue;
    const { upstream } = placementOf(definition, configured);
    if (upstream !== undefined) urls.set(configured.name, upstream.url);
  }
  return urls;
}
