import type { Backend, BackendSetup, LoadContext } from "../../contract/backend.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import { createWeightsStore } from "../../weights/store.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import type { LlamaCppConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { startEngine } from "./engine.ts";
import { findModel } from "./find-model.ts";
import { listModels } from "./list-models.ts";
import { loadModel, readsOnly } from "./model.ts";

/** The backend itself: its store of weights, the models in memory, and what can be asked of them. */
export function createBackend({ config: settings, log }: BackendSetup<LlamaCppConfig>): Backend {
  const store = createWeightsStore({ directory: settings.modelsDir });
  const models = createLoadedModels(async (name, interest) => {
    const { path } = await findModel(store, name);
    const engine = await startEngine(settings, log);
    return loadModel({ engine, config: settings, name, path, ...interest });
  });
  const embedding = embeddingHandler(models);
  return {
    capabilities: {
      chat: chatHandler(models),
      completion: completionHandler(models),
      embedding,
      classification: classificationHandler(models, embedding),
    },
    listModels: () => listModels(store, models.names()),
    pull: (name, { signal, sha256 }) => store.pull(name, { signal, sha256 }),
    async remove(name) {
      if (!(await store.remove(name))) throw nothingToRemove(name);
    },
    async load(name: string, context: LoadContext) {
      const loaded = await models.load(name, context);
      // the windows belong to what it takes; a model that only reads has its own, made when it is asked
      if (!readsOnly(loaded)) await loaded.conversations(0);
      return { memoryBytes: loaded.memoryBytes() };
    },
    unload: (name) => models.unload(name),
    shutdown: () => models.close(),
  };
}
