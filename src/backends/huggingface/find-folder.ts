import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import { catalogue } from "../../weights/catalogue.ts";
import type { WeightsStore } from "../../weights/store.ts";
import { callableName } from "../../weights/stored-model.ts";
import type { StoredModel } from "../../weights/stored-model.ts";
import { repositoryOf, toStoredName } from "./model-name.ts";
import { readModelFolder, type ModelFolder } from "./models/model-folder.ts";

const offered = catalogue.filter(({ engine }) => engine === "huggingface");

/**
 * A model's folder, by the catalogue's name or by its place in the store, `owner/name`; at the configured revision where the name says none.
 * @throws ModelyardError `model-not-found` with the nearest names and how to fetch it, `storage-failed` where its files are damaged.
 */
export async function findFolder(
  store: WeightsStore,
  name: string,
  revision: string | undefined,
): Promise<ModelFolder> {
  const storedName = toStoredName(name, revision);
  const stored =
    (await findStored(store, storedName)) ??
    (storedName === name ? undefined : await findAtCommit(store, name, revision));
  if (stored !== undefined) return readModelFolder(stored.path, name, hubName(store, stored.path));
  const here = (await store.list("huggingface")).map((model) => model.name);
  const known = offered.map((entry) => entry.name);
  if (known.includes(name)) throw notFound(name, `${name} has not been fetched yet.`, pull(name));
  if (storedName !== name && here.includes(name)) {
    const problem = `${name} is here, but not at revision ${revision}.`;
    throw notFound(name, problem, pull(name));
  }
  throw notFound(
    name,
    `huggingface has no model ${JSON.stringify(name)}.${didYouMean(name, [...here, ...known])}`,
    /^[\w.-]+\/[\w.-]+(@[^/]+)?$/.test(name)
      ? pull(name)
      : "See `modelyard models` for what there is.",
  );
}

/** A model that was fetched from a branch, where its commit is the one that is asked for. */
async function findAtCommit(
  store: WeightsStore,
  name: string,
  commit: string | undefined,
): Promise<StoredModel | undefined> {
  const stored = await findStored(store, name);
  return stored?.revision === commit ? stored : undefined;
}

/** Where a folder lies below the store's own: the model's name at the hub. */
export function hubName(store: WeightsStore, path: string): string {
  return repositoryOf(path.slice(store.directory.length + 1).replaceAll("\\", "/"));
}

function pull(name: string): string {
  return `Fetch it with \`modelyard pull ${callableName({ name, engine: "huggingface" })}\`.`;
}

function notFound(model: string, message: string, remedy: string): ModelyardError {
  return new ModelyardError("model-not-found", message, { model, remedy });
}

async function findStored(store: WeightsStore, name: string) {
  try {
    const stored = await store.find(name);
    if (stored?.engine === "huggingface") return stored;
  } catch (error) {
    // Not every name is a reference; it may still be a folder's.
    if (!isModelyardError(error) || error.code !== "invalid-request") throw error;
  }
  return (await store.list("huggingface")).find((model) => model.name === name);
}
