import type { AnyBackendDefinition } from "../contract/backend.ts";
import { didYouMean } from "../contract/nearest.ts";

/** What is wrong with a backend's name, and what to do: it may be a kind of backend that nobody has configured. */
export function describeMissingBackend(
  name: string,
  names: readonly string[],
  kinds: readonly Pick<AnyBackendDefinition, "type" | "builtIn" | "discover">[],
): { message: string; remedy: string } {
  const quoted = JSON.stringify(name);
  const kind = kinds.find(({ type }) => type === name);
  if (kind?.builtIn === true) {
    return {
      message: `The backend ${quoted} is switched off.`,
      remedy: `Take "enabled": false out of its entry in the configuration.`,
    };
  }
  const findable = kinds.find(({ discover = [] }) => discover.some((each) => each.name === name));
  if (findable !== undefined) {
    const entry = findable.type === name ? "{}" : `{ "type": ${JSON.stringify(findable.type)}, … }`;
    return {
      message: `No backend is called ${quoted}: no such server is configured, and none was found running.`,
      remedy: `Start it where it can be found ("discover": true), or add ${quoted}: ${entry} to backends in the configuration.`,
    };
  }
  if (kind !== undefined) {
    return {
      message: `No backend is called ${quoted}: it is a kind of backend that is not configured.`,
      remedy: `Add ${quoted}: {} to backends in the configuration.`,
    };
  }
  return {
    message: `No backend is called ${quoted}.${didYouMean(name, names)}`,
    remedy: `There are: ${names.join(", ") || "none"}.`,
  };
}
