import type { Capability } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { narrowestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Configuration } from "./configuration.ts";
import type { Registry } from "./registry.ts";
import { isShownFor, resolveHandler } from "./resolve-handler.ts";
import { onlyTarget, type Resolved, type ResolvedTarget } from "./resolved.ts";

export interface DefaultModelsOptions extends Pick<Configuration, "models" | "defaults"> {
  readonly registry: Registry;
  /** Where a name leads. */
  resolve(name: string, limit: PrivacyClass | undefined): Resolved | Promise<Resolved>;
}

/**
 * Which model serves a capability where nobody names one: what `defaults` says, else the first entry of `models` that can, else the embedded
 * model, else what serves that of which it can be made.
 */
export function createDefaultModels({ models, defaults, registry, resolve }: DefaultModelsOptions) {
  function resolveDefault(
    capability: AnyCapability | undefined,
    limit: PrivacyClass | undefined,
  ): Resolved | Promise<Resolved> {
    if (capability === undefined)
      throw new ModelyardError("invalid-request", "No model was named.", {
        remedy: "Name a model.",
      });
    const configured = defaults[capability.name];
    if (configured !== undefined) return followDefault(configured, capability.name, limit);
    return models.length === 0 ? lastDefault(capability, limit) : firstAble(capability, limit);
  }

  /** What stands in `defaults` under this key. Who named nothing is told where the name of which nothing came was found. */
  function followDefault(
    configured: string,
    key: string,
    limit: PrivacyClass | undefined,
  ): Resolved | Promise<Resolved> {
    const explain = (thrown: unknown): never => {
      const error = toModelyardError(thrown);
      if (error.code !== "model-not-found") throw error;
      const field = `defaults.${key}`;
      const told = `No model was named, and the default leads nowhere: ${field} is ${JSON.stringify(configured)}. ${error.message}`;
      const remedy = `Name a model, or change ${field} in the configuration. ${error.remedy ?? ""}`;
      throw new ModelyardError("model-not-found", told, { remedy: remedy.trim(), cause: error });
    };
    try {
      const found = resolve(configured, limit);
      return found instanceof Promise ? found.catch(explain) : found;
    } catch (error) {
      return explain(error);
    }
  }

  async function firstAble(
    capability: AnyCapability,
    limit: PrivacyClass | undefined,
  ): Promise<Resolved> {
    for (const { name } of models) {
      const resolved = await resolve(name, limit);
      const within = narrowestOf([limit ?? "remote", resolved.privacy ?? "remote"]);
      const able = await Promise.all(
        resolved.targets.map((each) => canDo(each, capability, within)),
      );
      if (able.includes(true)) return resolved;
    }
    return lastDefault(capability, limit);
  }

  /** The embedded model; where there is none, the default of what the capability can be made from, unless it waits to be asked for. */
  function lastDefault(
    { name, shown, derive = [] }: AnyCapability,
    limit: PrivacyClass | undefined,
  ): Resolved | Promise<Resolved> {
    const embedded = embeddedDefault(name, name);
    if (embedded !== undefined) return embedded;
    for (const { from } of shown === undefined ? derive : []) {
      const configured = defaults[from];
      if (configured !== undefined) return followDefault(configured, from, limit);
      const found = embeddedDefault(from, name);
      if (found !== undefined) return found;
    }
    throw new ModelyardError("model-not-found", `No model is configured for ${name}.`, {
      remedy: `Name a model, or set defaults.${name} in the configuration.`,
    });
  }

  /** The embedded model that serves `key` where nobody names one, and offers `capability`. */
  function embeddedDefault(key: string, capability: string): Resolved | undefined {
    for (const backend of registry.all) {
      if (backend.discovered !== undefined) continue;
      const model = backend.definition.defaults?.[key as Capability];
      // What has an address may be anywhere: a prompt goes there for who names it.
      const offers = backend.configured.settings.capabilities?.includes(capability) !== false;
      if (model !== undefined && offers && backend.url === undefined)
        return onlyTarget({ target: { backend: backend.name, model }, backend });
    }
    return undefined;
  }

  return resolveDefault;
}

/** A backend that can't be asked is taken at its word: a call must not go elsewhere because it is down. One that may not be asked serves nobody. */
async function canDo(
  { backend, target }: ResolvedTarget,
  capability: AnyCapability,
  limit: PrivacyClass | undefined,
): Promise<boolean> {
  if ((await backend.excluded(limit)) !== undefined) return false;
  const model = await backend.models.find(target.model).catch(() => undefined);
  const { capabilities: offers } = backend.configured.settings;
  const resolved = resolveHandler(capability, backend.backend.capabilities, model, offers);
  return resolved !== undefined && isShownFor(capability, resolved, offers);
}
