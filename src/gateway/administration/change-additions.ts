import type { AnyBackendDefinition } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { Change } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import type { Registry } from "../registry.ts";
import type { Additions } from "./additions.ts";
import { readBackend } from "./read-backend.ts";
import { readModel } from "./read-model.ts";

/** What a change is judged by. */
export interface Present {
  /** What runs. */
  readonly configuration: Configuration;
  /** What the file says. */
  readonly file: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  readonly registry: Pick<Registry, "all">;
}

/** What lies over the file once this is changed too. @throws ModelyardError `invalid-request`, `forbidden`, `model-not-found` */
export function changeAdditions(
  { backends, models }: Additions,
  change: Change,
  { configuration, file, definitions, registry }: Present,
): Additions {
  switch (change.kind) {
    case "set-backend": {
      const backend = readBackend(change.name, change.entry, definitions);
      return { backends: new Map(backends).set(backend.name, backend), models };
    }
    case "set-model": {
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
      return { backends, models: takeOut(models, change.name, file.models) };
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
