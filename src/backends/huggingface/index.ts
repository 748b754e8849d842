import { resolve } from "node:path";
import { defineBackend, type LoadContext } from "../../contract/backend.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import { createWeightsStore } from "../../weights/store.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import { config } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { findFolder } from "./find-folder.ts";
import { listModels } from "./list-models.ts";
import { loadModel } from "./models/load-model.ts";
import { packages } from "./packages.ts";

/** Models of the Hugging Face hub in the ONNX format, run by transformers.js inside Modelyard. */
export default defineBackend({
  type: "huggingface",
  description: "Runs ONNX models of the Hugging Face hub, without a server.",
  config,
  isolate: "handlers",
  module: import.meta.url,
  packages,
  sends: "nothing",
  builtIn: true,
  defaults: { embedding: "all-minilm-l6-v2", classification: "all-minilm-l6-v2" },
  capabilities: ["chat", "completion", "embedding", "classification"],
  create({ config: settings }) {
    const { cacheDir } = settings;
    const store = createWeightsStore({
      directory: cacheDir === undefined ? undefined : resolve(cacheDir),
    });
    const models = createLoadedModels(async (name) =>
      loadModel(await findFolder(store, name), settings),
    );
    return {
      capabilities: {
        chat: chatHandler(models),
        completion: completionHandler(models),
        embedding: embeddingHandler(models),
        classification: classificationHandler(models),
      },
      listModels: () => listModels(store, settings, models.names()),
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
  },
});
