import type { AnyBackendDefinition } from "../../contract/backend.ts";
import type { Configuration } from "../configuration.ts";

/** Where each backend sends that is configured, what is switched off included: backend → address. */
export function urlsByName(
  { backends }: Pick<Configuration, "backends">,
  definitions: readonly AnyBackendDefinition[],
): Map<string, string> {
  const urls = new Map<string, string>();
  for (const { name, settings, options } of backends) {
    const definition = definitions.find(({ type }) => type === settings.type);
    const url = definition?.upstream?.(options)?.url;
    if (url !== undefined) urls.set(name, url);
  }
  return urls;
}
