import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { chooseWeights } from "./choose-weights.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { describe, type ModelDescription, type Task } from "./describe.ts";
import {
  loadLibrary,
  type PreTrainedModel,
  type Tokenizer,
  type TransformersLibrary,
} from "../library.ts";
import { loadError } from "./load-error.ts";
import { damaged, type ModelFolder } from "./model-folder.ts";
import { ofNoUse } from "../unable.ts";

/** A model in memory. */
export interface LoadedModel {
  readonly name: string;
  readonly description: ModelDescription;
  readonly folder: ModelFolder;
  readonly library: TransformersLibrary;
  readonly tokenizer: Tokenizer;
  readonly network: PreTrainedModel;
  readonly memoryBytes: number;
  /** How long a token takes, as far as runs so far have told, in milliseconds; batches are cut by it. */
  pace: { perTokenMs: number | undefined };
  dispose(): Promise<void>;
}

/** Reads a model into memory. The runtime reads in one go, on this thread: it cannot be stopped midway. */
export async function loadModel(
  folder: ModelFolder,
  config: HuggingFaceConfig,
): Promise<LoadedModel> {
  const description = describe(folder);
  const weights = chooseWeights(folder, config.dtype);
  for (const file of ["tokenizer.json", "tokenizer_config.json"])
    if (!existsSync(join(folder.path, file))) throw damaged(folder.name, `${file} is missing`);
  try {
    const library = await loadLibrary();
    const loader = loaderOf(library, description.task, folder.name);
    const before = process.memoryUsage.rss();
    const tokenizer = await library.AutoTokenizer.from_pretrained(folder.path, {
      local_files_only: true,
    });
    const network: PreTrainedModel = await loader.from_pretrained(folder.path, {
      dtype: weights.dtype,
      device: "cpu",
      local_files_only: true,
      ...(weights.dataFiles > 0 && { use_external_data_format: weights.dataFiles }),
      session_options: sessionOptions(config),
    });
    // What others free meanwhile makes it look smaller than it is, and never smaller than its weights.
    const grown = process.memoryUsage.rss() - before;
    return {
      name: folder.name,
      description,
      folder,
      library,
      tokenizer,
      network,
      memoryBytes: Math.min(Math.max(grown, weights.sizeBytes), weights.sizeBytes * 4 + 2 ** 28),
      pace: { perTokenMs: undefined },
      async dispose() {
        await network.dispose();
      },
    };
  } catch (error) {
    throw loadError(error, folder.name);
  }
}

function sessionOptions({ threads }: HuggingFaceConfig) {
  const cores = availableParallelism();
  return {
    intraOpNumThreads: Math.min(threads ?? Math.max(1, cores - 1), cores),
    interOpNumThreads: 1,
  };
}

function loaderOf(library: TransformersLibrary, task: Task, name: string) {
  switch (task.kind) {
    case "embedding":
      return library.AutoModel;
    case "classifier":
    case "entailment":
      return library.AutoModelForSequenceClassification;
    case "generation":
      return library.AutoModelForCausalLM;
    case "other":
      throw ofNoUse(name, task.reason);
  }
}
