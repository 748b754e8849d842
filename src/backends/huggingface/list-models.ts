import type { Model } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { type CatalogueEntry, catalogue } from "../../weights/catalogue.ts";
import type { WeightsStore } from "../../weights/store.ts";
import type { StoredModel } from "../../weights/stored-model.ts";
import { chooseWeights } from "./models/choose-weights.ts";
import type { HuggingFaceConfig } from "./config.ts";
import { describe } from "./models/describe.ts";
import { hubName } from "./find-folder.ts";
import { readModelFolder } from "./models/model-folder.ts";

const offered = catalogue.filter(({ engine }) => engine === "huggingface");

/** What is here and what the catalogue offers, without starting the engine. */
export async function listModels(
  store: WeightsStore,
  config: HuggingFaceConfig,
  loaded: readonly string[],
): Promise<Model[]> {
  const here = await store.list("huggingface");
  const installed = await Promise.all(here.map((stored) => describeStored(store, config, stored)));
  const missing = offered.filter(({ name }) => here.every((stored) => stored.name !== name));
  return [...installed, ...missing.map(describeOffered)].map((model) => ({
    ...model,
    loaded: loaded.includes(model.name),
  }));
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
  try {
    const folder = await readModelFolder(path, name, hubName(store, path));
    const { task, capabilities, contextTokens } = describe(folder);
    return {
      ...common,
      installed: true,
      capabilities,
      memoryBytes: estimateMemoryBytes(chooseWeights(folder, config.dtype).sizeBytes),
      description:
        task.kind === "other"
          ? `Of no use here: ${task.reason}.`
          : (entry?.description ?? `An ONNX model, ${source}.`),
      ...(contextTokens !== undefined && { contextTokens }),
    };
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    // It still can be deleted or fetched anew.
    return { ...common, capabilities: [], installed: false, description: error.message };
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
