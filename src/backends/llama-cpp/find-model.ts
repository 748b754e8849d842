import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import { catalogue } from "../../weights/catalogue.ts";
import type { WeightsStore } from "../../weights/store.ts";
import type { StoredModel } from "../../weights/stored-model.ts";

/**
 * A model's files, by the catalogue's name, by its place in the store, or by the bare name of a file that was put there.
 * @throws ModelyardError `model-not-found` with the nearest names and how to fetch it, `storage-failed` where the file is damaged.
 */
export async function findModel(store: WeightsStore, name: string): Promise<StoredModel> {
  const stored = await findByReference(store, name);
  if (stored?.engine === "llama-cpp") return stored;
  const here = await store.list("llama-cpp");
  const found = here.find((model) => bareName(model.name) === name);
  // by its place it is looked at for damage, too
  const whole = found && (await store.find(found.name));
  if (whole !== undefined) return whole;
  const known = catalogue.filter(({ engine }) => engine === "llama-cpp").map((entry) => entry.name);
  const names = [...here.map((model) => bareName(model.name)), ...known];
  const catalogued = known.includes(name);
  throw new ModelyardError(
    "model-not-found",
    catalogued
      ? `${name} has not been fetched yet.`
      : `llama-cpp has no model ${JSON.stringify(name)}.${didYouMean(name, names)}`,
    {
      model: name,
      remedy: catalogued
        ? `Fetch it with \`modelyard pull ${name}\`.`
        : "See `modelyard models` for what there is.",
    },
  );
}

/** The file's name alone, without folder and ending. */
export function bareName(location: string): string {
  return (location.split("/").at(-1) ?? location).replace(/\.gguf$/i, "");
}

async function findByReference(
  store: WeightsStore,
  name: string,
): Promise<StoredModel | undefined> {
  try {
    return await store.find(name);
  } catch (error) {
    // not every name is a reference; it may still be a file's
    if (isModelyardError(error) && error.code === "invalid-request") return undefined;
    throw error;
  }
}
