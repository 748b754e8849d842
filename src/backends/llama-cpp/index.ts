import { defineBackend, type LoadContext } from "../../contract/backend.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import { createWeightsStore } from "../../weights/store.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import { config } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { startEngine } from "./engine.ts";
import { findModel } from "./find-model.ts";
import { listModels } from "./list-models.ts";
import { loadModel, readsOnly } from "./model.ts";
import { packages } from "./packages.ts";

/** GGUF models, run by llama.cpp inside Modelyard. */
export default defineBackend({
  type: "llama-cpp",
  description: "Runs GGUF models with llama.cpp, without a server.",
  config,
  isolate: "handlers",
  module: import.meta.url,
  packages,
  sends: "nothing",
  builtIn: true,
  takesReference: (reference) => /\.gguf([?#]|$)/i.test(reference),
  defaults: { chat: "smollm2:135m", completion: "smollm2:135m" },
  capabilities: ["chat", "completion", "embedding", "classification"],
  create({ config: settings, log }) {
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
  },
});
