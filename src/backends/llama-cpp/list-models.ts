import type { Model } from "../../contract/backend.ts";
import { catalogue } from "../../weights/catalogue.ts";
import type { WeightsStore } from "../../weights/store.ts";

/**
 * Weights are read into memory as they are. The windows of four conversations of 4,096 tokens take four times that for the smallest models, and
 * about a gigabyte for larger ones; what loading then takes is known exactly.
 */
function estimateMemoryBytes(sizeBytes: number): number {
  return Math.round(sizeBytes * 1.1 + Math.min(2 ** 30, sizeBytes * 4));
}

/** What is here and what the catalogue offers, without starting the engine. */
export async function listModels(store: WeightsStore, loaded: readonly string[]): Promise<Model[]> {
  const here = await store.list("llama-cpp");
  const entries = catalogue.filter(({ engine }) => engine === "llama-cpp");
  const offered = entries.map((entry): Model => {
    const stored = here.find(({ name }) => name === entry.name);
    const sizeBytes = stored?.sizeBytes ?? entry.approximateSizeBytes;
    return {
      name: entry.name,
      capabilities: entry.capabilities,
      contextTokens: entry.contextTokens,
      sizeBytes,
      memoryBytes: estimateMemoryBytes(sizeBytes),
      installed: stored !== undefined && stored.problem === undefined,
      loaded: loaded.includes(entry.name),
      description: entry.description,
      licence: entry.licence,
    };
  });
  const others = here
    .filter(({ name }) => entries.every((entry) => entry.name !== name))
    .map(({ name, sizeBytes, problem, source }): Model => ({
      name,
      sizeBytes,
      memoryBytes: estimateMemoryBytes(sizeBytes),
      installed: problem === undefined,
      loaded: loaded.includes(name),
      description: problem ?? `A GGUF file, ${source}.`,
    }));
  return [...offered, ...others];
}
