import { isModelyardError } from "../../contract/errors.ts";
import type { ModelNames } from "../model-names.ts";
import type { Resolved } from "../resolved.ts";
import type { Discovery } from "./discovery.ts";

/** A person who is told that nothing is there starts it and asks again: an unknown name is looked for more often than lists are made, in milliseconds. */
const oldestMs = 2_000;

/** Names that lead nowhere, and aliases whose first target does not run, are looked for among what runs on this device before they are given up. A name that is known costs no look. */
export function resolveFound(names: ModelNames, discovery: Discovery): ModelNames {
  return {
    ...names,
    resolve(name, capability, limit) {
      const lookFor = async (error: unknown) => {
        if (!isModelyardError(error) || error.code !== "model-not-found") throw error;
        if (!(await discovery.look(oldestMs))) throw error;
        return names.resolve(name, capability, limit);
      };
      const lookForFirst = async (resolved: Resolved) =>
        (await discovery.look(oldestMs)) ? names.resolve(name, capability, limit) : resolved;
      try {
        const resolved = names.resolve(name, capability, limit);
        if (resolved instanceof Promise) return resolved.catch(lookFor);
        return resolved.lacksFirst === true ? lookForFirst(resolved) : resolved;
      } catch (error) {
        return lookFor(error);
      }
    },
  };
}
