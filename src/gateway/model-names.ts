import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import { endSentence } from "../contract/tell-error.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Target } from "../pipeline/call.ts";
import type { Configuration, ModelEntrySettings } from "./configuration.ts";
import { createDefaultModels } from "./default-models.ts";
import { createListedNames, type Asked } from "./listed-names.ts";
import type { Registry } from "./registry.ts";
import { onlyTarget, type Resolved, type ResolvedTarget } from "./resolved.ts";

export interface ModelNames {
  /**
   * Where a name leads: `backend/model`, an alias, a name that one backend alone lists (with slashes too, where no backend is called
   * as it begins), or nothing for the default. A promise only where backends have to be asked for their models: those alone that reach
   * no further than `limit`, anywhere where it is left out.
   * @throws `model-not-found`
   */
  resolve(
    name: string | undefined,
    capability?: AnyCapability,
    limit?: PrivacyClass,
  ): Resolved | Promise<Resolved>;
  /** Whether somebody named this model: in `defaults`, in `models`, or as a backend's own default. */
  isNamed(target: Target): boolean;
}

const listing = "`modelyard models` lists what there is.";

export function createModelNames(
  {
    models,
    defaults,
    backends,
    discover,
  }: Pick<Configuration, "models" | "defaults" | "backends" | "discover">,
  registry: Registry,
): ModelNames {
  const aliases = new Map(models.map((entry) => [entry.name, entry]));
  const listed = createListedNames(registry);
  const ofBackends = new Set(backends.map(({ name }) => name));
  const named = new Set([
    ...Object.values(defaults),
    ...models.flatMap(({ targets }) => targets.map(modelOf)),
  ]);

  const defaultFor = createDefaultModels({
    models,
    defaults,
    registry,
    resolve: (name, limit) => resolve(name, undefined, limit),
  });

  function split(name: string): ResolvedTarget {
    const slash = name.indexOf("/");
    const backend = registry.get(name.slice(0, slash));
    const model = name.slice(slash + 1);
    if (model === "") {
      throw new ModelyardError("model-not-found", `${JSON.stringify(name)} names no model.`, {
        backend: backend.name,
        remedy: "A model is written backend/model.",
      });
    }
    return { target: { backend: backend.name, model }, backend };
  }

  /** The targets of an alias that are there: one whose backend is not does not take the others down. */
  function followAlias(entry: ModelEntrySettings): Resolved {
    const { name, targets, timeouts, privacy, ...routing } = entry;
    const found: ResolvedTarget[] = [];
    let missing: ModelyardError | undefined;
    for (const target of targets) {
      try {
        found.push({ ...split(modelOf(target)), weight: weightOf(target) });
      } catch (error) {
        missing ??= toModelyardError(error);
      }
    }
    if (found.length === 0) {
      const why = missing?.message ?? "It has no target.";
      const told = `The model ${JSON.stringify(name)} leads nowhere: ${why}`;
      const remedy =
        `Change its targets, or bring the backend back. ${missing?.remedy ?? ""}`.trim();
      throw new ModelyardError("model-not-found", told, { model: name, remedy });
    }
    const { totalMs, ...tries } = timeouts ?? {};
    const lacksFirst = isToBeFound(modelOf(targets[0]!));
    // What is found lies on this device: that it does not run lets no prompt go further.
    const reach = lacksFirst && !routing.allowWider ? "device" : privacy;
    return {
      name,
      targets: found,
      routing,
      privacy: reach,
      timeoutMs: totalMs,
      timeouts: tries,
      lacksFirst,
    };
  }

  /** Whether a target's backend is nobody's configuration's, and does not run as far as is known. */
  function isToBeFound(target: string): boolean {
    const name = target.slice(0, target.indexOf("/"));
    return discover && !ofBackends.has(name) && !registry.has(name);
  }

  function resolve(
    name: string | undefined,
    capability?: AnyCapability,
    limit?: PrivacyClass,
  ): Resolved | Promise<Resolved> {
    if (name === undefined) return defaultFor(capability, limit);
    const alias = aliases.get(name);
    if (alias !== undefined) return followAlias(alias);
    const slash = name.indexOf("/");
    const first = name.slice(0, Math.max(slash, 0));
    return slash >= 0 && registry.has(first) ? onlyTarget(split(name)) : findListed(name, limit);
  }

  function findListed(name: string, limit: PrivacyClass | undefined): Resolved | Promise<Resolved> {
    const backend = listed.find(name, limit);
    if (backend === undefined) return askListed(name, limit);
    return onlyTarget({ target: { backend: backend.name, model: name }, backend });
  }

  async function askListed(name: string, limit: PrivacyClass | undefined): Promise<Resolved> {
    const { asked, found } = await listed.ask(name, limit);
    const [first, second] = found;
    if (first !== undefined && second === undefined)
      return onlyTarget({ target: { backend: first.name, model: name }, backend: first });
    if (first !== undefined) {
      const names = found.map((backend) => `${backend.name}/${name}`);
      throw new ModelyardError(
        "model-not-found",
        `${JSON.stringify(name)} could be ${names.join(" or ")}.`,
        { model: name, remedy: "Give the name with its backend.", details: { names } },
      );
    }
    const problems = asked.flatMap(({ problem }) =>
      problem === undefined ? [] : [endSentence(problem)],
    );
    const beyond = asked.flatMap((each) => (each.isBeyond === true ? [each.backend.name] : []));
    const unasked = [
      problems.length === 0 ? "" : ` Not all could be asked: ${problems.join(" ")}`,
      beyond.length === 0 ? "" : ` Not asked, for they reach further: ${beyond.join(", ")}.`,
    ];
    throw notFound(name, asked, unasked.join(""));
  }

  function notFound(name: string, asked: readonly Asked[], unasked: string): ModelyardError {
    const quoted = JSON.stringify(name);
    if (registry.has(name)) {
      return new ModelyardError(
        "model-not-found",
        `${quoted} is a backend: name one of its models, ${name}/…`,
        { model: name, backend: name, remedy: listing },
      );
    }
    /** How each name is typed: what holds a slash, or stands in two lists, with its backend in front. */
    const typed = new Map([...aliases.keys()].map((alias) => [alias, alias]));
    for (const { backend, list } of asked) {
      for (const { name: model } of list) {
        const bare = !model.includes("/") && !typed.has(model);
        typed.set(model, bare || aliases.has(model) ? model : `${backend.name}/${model}`);
      }
    }
    for (const { name: backend } of registry.all)
      if (!typed.has(backend)) typed.set(backend, `${backend}/…`);
    const likely = [...typed.keys()].filter((each) => !name.includes("/") || each.includes("/"));
    const near = didYouMean(name, likely, (each) => typed.get(each) ?? each);
    if (name.indexOf("/") > 0 && near === "") {
      try {
        registry.get(name.slice(0, name.indexOf("/")));
      } catch (error) {
        const { message, backend, remedy } = toModelyardError(error);
        const told = `${message} A model is written backend/model.`;
        return new ModelyardError("model-not-found", told, { backend, remedy });
      }
    }
    return new ModelyardError("model-not-found", `There is no model ${quoted}.${near}${unasked}`, {
      model: name,
      remedy: listing,
    });
  }

  return {
    resolve,
    isNamed({ backend, model }) {
      const name = `${backend}/${model}`;
      const own = registry.has(backend) ? registry.get(backend).definition.defaults : undefined;
      return named.has(name) || named.has(model) || Object.values(own ?? {}).includes(model);
    },
  };
}

type WrittenTarget = ModelEntrySettings["targets"][number];

/** `backend/model` of a target as it is written. */
export function modelOf(target: WrittenTarget): string {
  return typeof target === "string" ? target : target.model;
}

function weightOf(target: WrittenTarget): number {
  return typeof target === "string" ? 1 : target.weight;
}
