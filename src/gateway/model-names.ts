import type { AnyCapability } from "../contract/capability.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Target } from "../pipeline/call.ts";
import type { Configuration } from "./configuration.ts";
import type { Registry } from "./registry.ts";
import type { RunningBackend } from "./running-backend.ts";

export interface ResolvedTarget {
  readonly target: Target;
  readonly backend: RunningBackend;
  /** The alias's limit on the whole call, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export interface ModelNames {
  /** Where a name leads: `backend/model`, an alias, a name that one backend alone lists, or nothing for the default. @throws `model-not-found` */
  resolve(name: string | undefined, capability?: AnyCapability): Promise<ResolvedTarget>;
  /** Whether somebody named this model: in `defaults`, in `models`, or as a backend's own default. */
  isNamed(target: Target): boolean;
}

export function createModelNames(
  { models, defaults }: Pick<Configuration, "models" | "defaults">,
  registry: Registry,
): ModelNames {
  const aliases = new Map(models.map((entry) => [entry.name, entry]));

  function split(name: string, timeoutMs?: number): ResolvedTarget {
    const slash = name.indexOf("/");
    const backend = registry.get(name.slice(0, slash));
    return { target: { backend: backend.name, model: name.slice(slash + 1) }, backend, timeoutMs };
  }

  async function resolve(
    name: string | undefined,
    capability?: AnyCapability,
  ): Promise<ResolvedTarget> {
    if (name === undefined) return resolveDefault(capability);
    const alias = aliases.get(name);
    if (alias !== undefined) return split(alias.targets[0] ?? "", alias.timeouts?.totalMs);
    if (name.includes("/")) return split(name);
    return findListed(name);
  }

  async function resolveDefault(capability: AnyCapability | undefined): Promise<ResolvedTarget> {
    if (capability === undefined)
      throw new ModelyardError("invalid-request", "No model was named.", {
        remedy: "Name a model.",
      });
    const configured = defaults[capability.name];
    if (configured !== undefined) return resolve(configured, capability);
    for (const { name } of models) {
      const resolved = await resolve(name);
      if (await canDo(resolved, capability)) return resolved;
    }
    for (const backend of registry.all) {
      const model = backend.definition.defaults?.[capability.name as never];
      if (model !== undefined) return { target: { backend: backend.name, model }, backend };
    }
    throw new ModelyardError("model-not-found", `No model is configured for ${capability.name}.`, {
      remedy: `Name a model, or set defaults.${capability.name} in the configuration.`,
    });
  }

  async function findListed(name: string): Promise<ResolvedTarget> {
    const lists = await Promise.allSettled(
      registry.all.map(async (backend) => ({ backend, list: (await backend.models.all()) ?? [] })),
    );
    const listed = lists.flatMap((outcome) =>
      outcome.status === "fulfilled" ? [outcome.value] : [],
    );
    const found = listed.filter(({ list }) => list.some((model) => model.name === name));
    const [first, second] = found;
    if (first !== undefined && second === undefined) {
      return { target: { backend: first.backend.name, model: name }, backend: first.backend };
    }
    if (first !== undefined) {
      const names = found.map(({ backend }) => `${backend.name}/${name}`);
      throw new ModelyardError(
        "model-not-found",
        `${JSON.stringify(name)} could be ${names.join(" or ")}.`,
        {
          model: name,
          remedy: "Give the name with its backend.",
        },
      );
    }
    const names = [
      ...aliases.keys(),
      ...listed.flatMap(({ list }) => list.map((model) => model.name)),
      ...registry.all.map((each) => each.name),
    ];
    throw new ModelyardError(
      "model-not-found",
      `There is no model ${JSON.stringify(name)}.${didYouMean(name, names)}`,
      {
        model: name,
        remedy: "`modelyard models` lists what there is.",
      },
    );
  }

  return {
    resolve,
    isNamed({ backend, model }) {
      const name = `${backend}/${model}`;
      const own = registry.all.find((each) => each.name === backend)?.definition.defaults ?? {};
      const named = [...Object.values(defaults), ...models.flatMap(({ targets }) => targets)];
      return named.includes(name) || named.includes(model) || Object.values(own).includes(model);
    },
  };
}

async function canDo(
  { backend, target }: ResolvedTarget,
  capability: AnyCapability,
): Promise<boolean> {
  try {
    backend.models.handlerFor(capability, target.model, await backend.models.find(target.model));
    return true;
  } catch (error) {
    if (isModelyardError(error)) return false;
    throw error;
  }
}
