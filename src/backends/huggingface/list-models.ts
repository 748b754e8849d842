import type { Model } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { type CatalogueEntry, catalogue } from "../../weights/catalogue.ts";
import type { WeightsStore } from "../../weights/store.ts";
import type { StoredModel } from "../../weights/stored-model.ts";
import { chooseWeights } from "./models/choose-weights.ts";
import type { HuggingFaceConfig } from "./config.ts";
import { describe } from "./models/describe.ts";
import { hubName } from "./find-folder.ts";
import { fromStoredName, toStoredName } from "./model-name.ts";
import { readModelFolder } from "./models/model-folder.ts";

const offered = catalogue.filter(({ engine }) => engine === "huggingface");

/** What is here and what the catalogue offers, without starting the engine. */
export async function listModels(
  store: WeightsStore,
  config: HuggingFaceConfig,
  loaded: readonly string[],
): Promise<Model[]> {
  const here = await store.list("huggingface");
  const installed = await Promise.all(
    atRevision(here, config.revision).map((stored) => describeStored(store, config, stored)),
  );
  const missing = offered.filter(({ name }) => here.every((stored) => stored.name !== name));
  return [...installed, ...missing.map(describeOffered)].map((model) => ({
    ...model,
    loaded: loaded.includes(model.name),
  }));
}

/**
 * The models by the names that callers know them by. Where a revision is configured, a name means the model at that revision, and what
 * is here at another is not what would be used.
 */
export function atRevision(
  here: readonly StoredModel[],
  revision: string | undefined,
): StoredModel[] {
  const names = new Set(here.map(({ name }) => name));
  return here.flatMap((stored) => {
    const pinned = toStoredName(stored.name, revision);
    if (pinned === stored.name || stored.revision === revision)
      return [{ ...stored, name: fromStoredName(stored.name, revision) }];
    const isCatalogued = offered.some(({ name }) => name === stored.name);
    if (isCatalogued) return [stored];
    return names.has(pinned) ? [] : [{ ...stored, problem: "Here at another revision" }];
  });
}

async function describeStored(
  store: WeightsStore,
  config: HuggingFaceConfig,
  { name, path, sizeBytes, problem, source }: StoredModel,
): Promise<Model> {
  const entry = offered.find((each) => each.name === name);
  const common: Model = {
    name,
    sizeBytes,
    ...(entry !== undefined && { description: entry.description, licence: entry.licence }),
  };
  if (problem !== undefined) {
    // Fetching it again mends it.
    const anew = entry === undefined ? {} : describeOffered(entry);
    return { ...anew, ...common, installed: false, description: problem };
  }
  let known: Partial<Model> = { capabilities: [] };
  try {
    const folder = await readModelFolder(path, name, hubName(store, path));
    const { task, capabilities, contextTokens } = describe(folder);
    known = { capabilities, ...(contextTokens !== undefined && { contextTokens }) };
    return {
      ...common,
      ...known,
      installed: true,
      memoryBytes: estimateMemoryBytes(chooseWeights(folder, config.dtype).sizeBytes),
      description:
        task.kind === "other"
          ? `Of no use here: ${task.reason}.`
          : (entry?.description ?? `An ONNX model, ${source}.`),
    };
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    // It still can be deleted, fetched anew, or fetched in the form that is lacking.
    return { ...common, ...known, installed: false, description: error.message };
  }
}

function describeOffered(entry: CatalogueEntry): Model {
  return {
    name: entry.name,
    capabilities: entry.capabilities.filter(
      // These classify by their vectors, which is not the backend's doing.
      (capability) => capability !== "classification" || !entry.capabilities.includes("embedding"),
    ),
    contextTokens: entry.contextTokens,
    sizeBytes: entry.approximateSizeBytes,
    memoryBytes: estimateMemoryBytes(entry.approximateSizeBytes),
    installed: false,
    description: entry.description,
    licence: entry.licence,
  };
}

/** The weights, some of them once more in the order that the processor likes, and what a tokenizer takes. */
function estimateMemoryBytes(weightBytes: number): number {
  return Math.round(weightBytes * 1.5 + 60 * 2 ** 20);
}
