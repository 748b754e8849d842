import type { Model } from "../../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";
import { didYouMean } from "../../../contract/nearest.ts";
import { catalogue } from "../../../weights/catalogue.ts";
import { callableName } from "../../../weights/stored-model.ts";
import type { WeightsStore } from "../../../weights/store.ts";
import { formsIn } from "../../../weights/weights-form.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { atRevision } from "../list-models.ts";
import { repositoryOf, revisionOf } from "../model-name.ts";
import { describe } from "../models/describe.ts";
import { type ModelFolder, readModelFolder } from "../models/model-folder.ts";
import { findInHubCache, hubCacheDirectory, listHubCache } from "./hub-cache.ts";

interface Found {
  name: string;
  path: string;
  sizeBytes: number;
  problem?: string;
}

type Settings = Pick<HuggingFaceConfig, "cacheDir" | "revision">;

const originals = catalogue.flatMap(({ name, original }) =>
  original === undefined ? [] : [{ name, original }],
);

/** The catalogue's names mean ONNX models: Python runs what those were converted from. */
export function toOriginal(name: string): string {
  return originals.find((each) => each.name === name)?.original ?? name;
}

/**
 * The models here that Python can run: those in our store, and, where no folder is configured, those in the cache of Python's own libraries.
 */
export async function listPythonModels(
  store: WeightsStore,
  config: Settings,
  loaded: readonly string[],
): Promise<Model[]> {
  const found = await findAll(store, config);
  return Promise.all(
    found.map(async (each) => ({
      ...(await describeFound(each)),
      loaded: loaded.includes(each.name),
    })),
  );
}

/**
 * A model's folder, by its name at the hub.
 * @throws ModelyardError `model-not-found` with the nearest names and how to fetch it, `storage-failed` where its files are damaged.
 */
export async function findPythonFolder(
  store: WeightsStore,
  config: Settings,
  name: string,
): Promise<ModelFolder> {
  const all = await findAll(store, config);
  const revision = config.cacheDir === undefined ? revisionOf(name) : undefined;
  const found: Found | undefined =
    all.find((each) => each.name === name) ??
    (revision === undefined
      ? undefined
      : await findInHubCache(hubCacheDirectory(process.env), repositoryOf(name), revision));
  if (found === undefined || found.problem !== undefined) {
    const problem =
      found?.problem === undefined
        ? `is not here with weights that Python reads.${didYouMean(
            name,
            all.map((each) => each.name),
          )}`
        : `does not serve: ${found.problem}.`;
    throw new ModelyardError("model-not-found", `${name} ${problem}`, {
      model: name,
      remedy: `Fetch it with \`modelyard pull ${callableName({ name, engine: "huggingface" })}\`.`,
    });
  }
  return readModelFolder(found.path, name, repositoryOf(name));
}

async function findAll(store: WeightsStore, config: Settings): Promise<Found[]> {
  const stored = atRevision(await store.list("huggingface"), config.revision).filter(
    ({ files, path }) => {
      const below = path.slice(store.directory.length + 1).length + 1;
      return formsIn(files.map((file) => file.path.slice(below))).includes("pytorch");
    },
  );
  if (config.cacheDir !== undefined) return stored;
  const cached = await listHubCache(hubCacheDirectory(process.env), config.revision);
  return [...stored, ...cached.filter(({ name }) => stored.every((each) => each.name !== name))];
}

async function describeFound({ name, path, sizeBytes, problem }: Found): Promise<Model> {
  try {
    const { task, capabilities, contextTokens } = describe(
      await readModelFolder(path, name, repositoryOf(name)),
    );
    const aliases = originals.filter(({ original }) => original === name);
    const use = task.kind === "other" ? `Of no use here: ${task.reason}.` : "Runs in Python.";
    return {
      name,
      ...(aliases.length > 0 && { aliases: aliases.map((each) => each.name) }),
      sizeBytes,
      capabilities,
      // The tensors take what their files do; Python's libraries are there once for all models.
      memoryBytes: sizeBytes,
      installed: problem === undefined,
      description: problem ?? use,
      ...(contextTokens !== undefined && { contextTokens }),
    };
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    return { name, sizeBytes, capabilities: [], installed: false, description: error.message };
  }
}
