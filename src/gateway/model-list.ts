import type { Backend, Handlers, Model } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, placeError, toModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import { endingTimeLimit, orAborted } from "../contract/abort.ts";
import { resolveHandler, type ResolvedHandler } from "./resolve-handler.ts";

/** What a backend lists, kept for a few seconds; one that lists nothing takes any name. */
export interface ModelList {
  /**
   * Undefined where the backend takes any name. Where it failed slowly the last time it is asked meanwhile, and nobody waits for it again.
   * @throws `backend-unavailable` where it can't list, `timeout` where it does not in time
   */
  all(): Promise<readonly Model[] | undefined>;
  /** The model as listed, undefined where the backend takes any name, or this one unlisted. @throws `model-not-found` with the nearest names */
  find(name: string): Promise<Model | undefined>;
  /** Whether what is known was asked for just now: nobody would ask again yet. */
  readonly fresh: boolean;
  /** Until when that is so, as `performance.now()` tells the time. */
  readonly freshUntilMs: number;
  /** As last listed, without asking again; undefined where that is not known. */
  known(name: string): { model: Model | undefined } | undefined;
  /** @throws `capability-not-supported` */
  handlerFor(capability: AnyCapability, name: string, model: Model | undefined): ResolvedHandler;
  /** The list has changed: ask again. */
  forget(): void;
}

interface Listed {
  readonly models: readonly Model[];
  /** By name and by alias; a name wins. */
  readonly byName: ReadonlyMap<string, Model>;
}

const lifetimeMs = 5_000;
/** So many names can be said in one line. */
const fewModels = 8;
const listTimeoutMs = 10_000;
/** What fails sooner keeps nobody waiting. */
const slowMs = 1_000;

/** A backend that lists nothing takes any name, and knows no more of it. */
const anyModel = { model: undefined };

export interface ModelListOptions {
  /** All that the backend offers, where that is less than it can do. */
  readonly offers?: readonly string[] | undefined;
  /** All capabilities there are; the built-in ones where left out. */
  readonly capabilities?: readonly AnyCapability[] | undefined;
}

export function createModelList(
  name: string,
  backend: Pick<Backend, "listModels" | "pull" | "takesAnyModel"> & { capabilities: Handlers },
  { offers, capabilities = builtInCapabilities }: ModelListOptions = {},
): ModelList {
  let asked: { at: number; models: Promise<Listed>; pending: boolean } | undefined;
  /** The latest question failed, and took long for it. */
  let failed: { at: number; error: unknown } | undefined;
  /** What the latest question was answered with. */
  let answer: Listed | undefined;
  /** When that question was asked. */
  let answered: number | undefined;

  async function list(): Promise<Listed> {
    const limit = endingTimeLimit(
      listTimeoutMs,
      `${name} did not list its models within ${listTimeoutMs / 1_000} s.`,
      "Check that its address is the right one, and that what listens there answers.",
    );
    try {
      const models = (await orAborted(backend.listModels?.(limit.signal), limit.signal)) ?? [];
      const byName = new Map<string, Model>();
      for (const model of models) for (const alias of model.aliases ?? []) byName.set(alias, model);
      for (const model of models) byName.set(model.name, model);
      return { models, byName };
    } catch (error) {
      throw placeError(toModelyardError(error, "backend-unavailable"), { backend: name });
    } finally {
      limit.end();
    }
  }

  async function ask(): Promise<Listed> {
    const isOld = asked !== undefined && performance.now() - asked.at >= lifetimeMs;
    if (asked === undefined || (isOld && !asked.pending))
      asked = { at: performance.now(), models: list(), pending: true };
    const question = asked;
    try {
      const models = await question.models;
      if (asked === question) {
        [answer, answered] = [models, question.at];
        failed = undefined;
      }
      return models;
    } catch (error) {
      if (asked === question) {
        asked = undefined;
        const now = performance.now();
        failed = now - question.at >= slowMs ? { at: now, error } : undefined;
      }
      throw error;
    } finally {
      question.pending = false;
    }
  }

  function freshUntil(): number {
    if (backend.listModels === undefined) return Number.POSITIVE_INFINITY;
    return answered === undefined ? Number.NEGATIVE_INFINITY : answered + lifetimeMs;
  }

  return {
    async all() {
      if (backend.listModels === undefined) return undefined;
      const listed = ask();
      if (failed === undefined) return (await listed).models;
      listed.catch(() => {}); // what comes of it is told to who asks next
      throw failed.error;
    },

    async find(wanted) {
      if (backend.listModels === undefined) return undefined;
      // A call that is tried again would wait as long once more.
      if (failed !== undefined && performance.now() - failed.at < lifetimeMs) throw failed.error;
      const { models, byName } = await ask();
      const found = byName.get(wanted);
      if (found !== undefined || backend.takesAnyModel?.() === true) return found;
      // What holds a slash is read with its backend in front.
      const typed = (each: string) => (each.includes("/") ? `${name}/${each}` : each);
      const near = didYouMean(
        wanted,
        models.map((each) => each.name),
        typed,
      );
      const named = models.map((each) => JSON.stringify(each.name)).join(", ") || "none";
      const all = models.length <= fewModels ? ` It has ${named}.` : "";
      const pull =
        backend.pull === undefined
          ? ""
          : ` \`modelyard pull ${name}/${wanted}\` fetches this one where it can be fetched; with "autoPull": true in backends.${name} the first call does.`;
      throw new ModelyardError(
        "model-not-found",
        `${name} has no model ${JSON.stringify(wanted)}.${near}${all}`,
        {
          backend: name,
          model: wanted,
          remedy: `\`modelyard models\` lists what there is.${pull}`,
        },
      );
    },

    get fresh() {
      return performance.now() < freshUntil();
    },
    get freshUntilMs() {
      return freshUntil();
    },

    known(wanted) {
      if (backend.listModels === undefined) return anyModel;
      const model = answer?.byName.get(wanted);
      if (model !== undefined) return { model };
      return answer !== undefined && backend.takesAnyModel?.() === true ? anyModel : undefined;
    },

    handlerFor(capability, wanted, model) {
      const resolved = resolveHandler(capability, backend.capabilities, model, offers);
      if (resolved !== undefined) return resolved;
      const can = capabilities.flatMap((each) =>
        resolveHandler(each, backend.capabilities, model, offers) === undefined ? [] : [each.name],
      );
      throw new ModelyardError(
        "capability-not-supported",
        `${name}/${wanted} can't do ${capability.name}; it can do ${can.join(", ") || "nothing"}.`,
        {
          backend: name,
          model: wanted,
          remedy: `\`modelyard models\` shows which models can do ${capability.name}.`,
        },
      );
    },

    forget() {
      asked = undefined;
      failed = undefined;
      answer = undefined;
      answered = undefined;
    },
  };
}
