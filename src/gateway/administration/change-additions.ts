import type { AnyBackendDefinition } from "../../contract/backend.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { Change } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import { isMeantComplete } from "../expand-model-entry.ts";
import type { Registry } from "../registry.ts";
import type { Additions } from "./additions.ts";
import { readCompleteModel } from "./read-complete-model.ts";
import { readBackend } from "./read-backend.ts";
import { readModel } from "./read-model.ts";

/** What a change is judged by. */
export interface Present {
  /** What runs. */
  readonly configuration: Configuration;
  /** What the file says. */
  readonly file: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  readonly registry: Pick<Registry, "all">;
}

/** What lies over the file once this is changed too. @throws ModelyardError `invalid-request`, `forbidden`, `model-not-found` */
export function changeAdditions(
  { backends, models }: Additions,
  change: Change,
  present: Present,
): Additions {
  const { configuration, file, definitions, registry } = present;
  switch (change.kind) {
    case "set-backend": {
      const backend = readBackend(change.name, change.entry, present);
      return { backends: new Map(backends).set(backend.name, backend), models };
    }
    case "set-model": {
      if (isMeantComplete(change.entry)) {
        const { backend, model } = readCompleteModel(change.entry, present);
        return {
          backends: new Map(backends).set(backend.name, backend),
          models: new Map(models).set(model.name, model),
        };
      }
      const model = readModel(change.entry, registry, definitions);
      return { backends, models: new Map(models).set(model.name, model) };
    }
    case "remove-backend": {
      const names = configuration.backends.map(({ name }) => name);
      checkThere("backend", change.name, names);
      return { backends: takeOut(backends, change.name, file.backends), models };
    }
    case "remove-model": {
      const names = configuration.models.map(({ name }) => name);
      checkThere("model", change.name, names);
      const model = configuration.models.find(({ name }) => name === change.name);
      return {
        // The backend that came with it goes with it.
        backends:
          model?.complete === true ? takeOut(backends, change.name, file.backends) : backends,
        models: takeOut(models, change.name, file.models),
      };
    }
  }
}

/** What was added goes, and uncovers what the file says; that itself is covered up. */
function takeOut<Entry extends { readonly name: string }>(
  over: ReadonlyMap<string, Entry | undefined>,
  name: string,
  file: readonly Entry[],
): ReadonlyMap<string, Entry | undefined> {
  const next = new Map(over);
  if (!next.delete(name) && file.some((entry) => entry.name === name)) next.set(name, undefined);
  return next;
}

function checkThere(what: "backend" | "model", name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const message = `No ${what} is configured under the name ${JSON.stringify(name)}.${didYouMean(name, names)}`;
  throw new ModelyardError("model-not-found", message, {
    remedy: names.length === 0 ? "There is none." : `There are: ${names.join(", ")}.`,
  });
}
