import { resolve } from "node:path";
import type { Backend, BackendSetup, LoadContext } from "../../contract/backend.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import { createWeightsStore } from "../../weights/store.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import type { HuggingFaceConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { findFolder } from "./find-folder.ts";
import { listModels } from "./list-models.ts";
import { loadModel } from "./models/load-model.ts";

/** ONNX models, run by transformers.js inside Modelyard. */
export function createLocal({ config }: BackendSetup<HuggingFaceConfig>): Backend {
  const { cacheDir } = config;
  const store = createWeightsStore({
    directory: cacheDir === undefined ? undefined : resolve(cacheDir),
  });
  const models = createLoadedModels(async (name) =>
    loadModel(await findFolder(store, name), config),
  );
  return {
    capabilities: {
      chat: chatHandler(models),
      completion: completionHandler(models),
      embedding: embeddingHandler(models),
      classification: classificationHandler(models),
    },
    listModels: () => listModels(store, config, models.names()),
    pull: (name, { signal, sha256 }) => store.pull(name, { signal, sha256 }),
    async remove(name) {
      if (!(await store.remove(name))) throw nothingToRemove(name);
    },
    async load(name: string, context: LoadContext) {
      const { memoryBytes } = await models.load(name, context);
      return { memoryBytes };
    },
    unload: (name) => models.unload(name),
    shutdown: () => models.close(),
  };
}
