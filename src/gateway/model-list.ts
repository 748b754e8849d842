import type { Backend, Handlers, Model } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import { resolveHandler, type ResolvedHandler } from "./resolve-handler.ts";

/** What a backend lists, kept for a few seconds; one that lists nothing takes any name. */
export interface ModelList {
  /** Undefined where the backend takes any name. */
  all(): Promise<readonly Model[] | undefined>;
  /** The model as listed, undefined where the backend takes any name. @throws `model-not-found` with the nearest names */
  find(name: string): Promise<Model | undefined>;
  /** As last listed, without asking again. */
  known(name: string): { model: Model | undefined } | undefined;
  /** @throws `capability-not-supported` */
  handlerFor(capability: AnyCapability, name: string, model: Model | undefined): ResolvedHandler;
  /** The list has changed: ask again. */
  forget(): void;
}

const lifetimeMs = 5_000;
const listTimeoutMs = 30_000;

export function createModelList(
  name: string,
  backend: Pick<Backend, "listModels" | "pull"> & { capabilities: Handlers },
): ModelList {
  let listed: { at: number; models: Promise<readonly Model[]> } | undefined;
  let byName: ReadonlyMap<string, Model> | undefined;

  async function list(): Promise<readonly Model[]> {
    const models = (await backend.listModels?.(AbortSignal.timeout(listTimeoutMs))) ?? [];
    byName = new Map(models.map((model) => [model.name, model]));
    return models;
  }

  async function all(): Promise<readonly Model[] | undefined> {
    if (backend.listModels === undefined) return undefined;
    if (listed === undefined || performance.now() - listed.at >= lifetimeMs)
      listed = { at: performance.now(), models: list() };
    const { models } = listed;
    try {
      return await models;
    } catch (error) {
      if (listed?.models === models) listed = undefined;
      throw error;
    }
  }

  return {
    all,

    async find(wanted) {
      const models = await all();
      if (models === undefined) return undefined;
      const found = byName?.get(wanted);
      if (found !== undefined) return found;
      const near = didYouMean(
        wanted,
        models.map((each) => each.name),
      );
      throw new ModelyardError(
        "model-not-found",
        `${name} has no model ${JSON.stringify(wanted)}.${near}`,
        {
          backend: name,
          model: wanted,
          remedy: `\`modelyard models\` lists what there is${backend.pull === undefined ? "" : "; `modelyard pull` fetches more"}.`,
        },
      );
    },

    known(wanted) {
      if (backend.listModels === undefined) return { model: undefined };
      const model = byName?.get(wanted);
      return model === undefined ? undefined : { model };
    },

    handlerFor(capability, wanted, model) {
      const resolved = resolveHandler(capability, backend.capabilities, model);
      if (resolved !== undefined) return resolved;
      const can = model?.capabilities ?? Object.keys(backend.capabilities);
      throw new ModelyardError(
        "capability-not-supported",
        `${name}/${wanted} can't do ${capability.name}; it can do ${can.join(", ")}.`,
        {
          backend: name,
          model: wanted,
          remedy: `\`modelyard models\` shows which models can do ${capability.name}.`,
        },
      );
    },

    forget() {
      listed = undefined;
    },
  };
}
