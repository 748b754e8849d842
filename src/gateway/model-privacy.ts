import type { Model } from "../contract/backend.ts";
import { isModelyardError } from "../contract/errors.ts";
import { isWider, widestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import { excluded } from "./hold-within.ts";
import type { Reach } from "../pipeline/call.ts";
import type { ModelList } from "./model-list.ts";

/** How far prompts to a backend's models travel: a server on this device may hand some of them on to a cloud. */
export interface ModelPrivacy {
  /** At once where that is known. */
  of(model: string, limit: PrivacyClass): Reach | Promise<Reach>;
  /** Whether what is known of models is fresh enough to hold them to this limit. */
  isCertain(limit: PrivacyClass): boolean;
  /** @throws `privacy-violation` where a model, as it is listed, lies beyond the limit */
  hold(name: string, model: Model | undefined, limit: PrivacyClass): void;
}

export interface ModelPrivacyOptions {
  readonly name: string;
  /** The backend's own class. */
  readonly reach: () => Reach | Promise<Reach>;
  readonly models: Pick<ModelList, "fresh" | "known" | "find">;
  /** Whether somebody else may put another model under a name. */
  readonly mayChange: boolean;
}

/** How long a backend that could not list is left alone, in milliseconds. */
const pauseMs = 5_000;

export function createModelPrivacy(options: ModelPrivacyOptions): ModelPrivacy {
  const { name, reach, models, mayChange } = options;
  let failedAt = Number.NEGATIVE_INFINITY;

  const isCertain = (limit: PrivacyClass) => limit === "remote" || !mayChange || models.fresh;

  function within(own: Reach, model: string, limit: PrivacyClass): Reach | Promise<Reach> {
    // A list is asked for only where a prompt may go.
    if (typeof own !== "string" || own === "remote" || isWider(own, limit)) return own;
    const known = isCertain(limit) ? models.known(model) : undefined;
    return known === undefined ? learn(own, model) : widestOf([own, classOf(model, known.model)]);
  }

  async function learn(own: PrivacyClass, model: string): Promise<PrivacyClass> {
    if (performance.now() - failedAt < pauseMs) return own;
    try {
      return widestOf([own, classOf(model, await models.find(model))]);
    } catch (error) {
      // What can't be told now is told when the call is prepared: it goes nowhere before that.
      const missing = isModelyardError(error) && error.code === "model-not-found";
      if (!missing) failedAt = performance.now();
      return own;
    }
  }

  /** What its list says of a model; where it says nothing, a server may hand on what is called so to a cloud. */
  function classOf(model: string, listed: Model | undefined): PrivacyClass {
    const mayBeCloud = mayChange && listed === undefined && /[:-]cloud$/i.test(model);
    return listed?.privacy ?? (mayBeCloud ? "remote" : "device");
  }

  return {
    isCertain,

    of(model, limit) {
      const own = reach();
      return own instanceof Promise
        ? own.then((known) => within(known, model, limit))
        : within(own, model, limit);
    },

    hold(model, listed, limit) {
      const beyond = excluded(`${name}/${model}`, classOf(model, listed), limit);
      if (beyond !== undefined) throw beyond;
    },
  };
}
