import { isModelyardError } from "../../contract/errors.ts";
import type { ModelNames } from "../model-names.ts";
import type { Discovery } from "./discovery.ts";

/** A person who is told that nothing is there starts it and asks again: an unknown name is looked for more often than lists are made, in milliseconds. */
const oldestMs = 2_000;

/** Names that lead nowhere are looked for among what runs on this device before they are given up. A name that is known costs no look. */
export function resolveFound(names: ModelNames, discovery: Discovery): ModelNames {
  return {
    ...names,
    resolve(name, capability, limit) {
      const lookFor = async (error: unknown) => {
        if (!isModelyardError(error) || error.code !== "model-not-found") throw error;
        if (!(await discovery.look(oldestMs))) throw error;
        return names.resolve(name, capability, limit);
      };
      try {
        const resolved = names.resolve(name, capability, limit);
        return resolved instanceof Promise ? resolved.catch(lookFor) : resolved;
      } catch (error) {
        return lookFor(error);
      }
    },
  };
}
