import type { Backend, BackendSetup, LoadContext } from "../../contract/backend.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import type { HuggingFaceConfig } from "./config.ts";
import { createHandlers } from "./create-handlers.ts";
import { embedTexts } from "./encoding/embed-texts.ts";
import { runForLogits } from "./encoding/run-for-logits.ts";
import { findFolder } from "./find-folder.ts";
import { chat, complete } from "./generation/write-answer.ts";
import { listModels } from "./list-models.ts";
import { fromStoredName, toStoredName } from "./model-name.ts";
import { type LoadedModel, loadModel } from "./models/load-model.ts";
import { openStore } from "./open-store.ts";
import type { Runtime } from "./runtime.ts";

const onnx: Runtime<LoadedModel> = { embed: embedTexts, judge: runForLogits, chat, complete };

/** ONNX models, run by transformers.js inside Modelyard. */
export function createLocal({ config }: BackendSetup<HuggingFaceConfig>): Backend {
  const { revision, dtype } = config;
  const store = openStore(config);
  const models = createLoadedModels(async (name) =>
    loadModel(await findFolder(store, name, revision), config),
  );
  return {
    capabilities: createHandlers(models, onnx),
    listModels: () => listModels(store, config, models.names()),
    async *pull(name, { signal, sha256 }) {
      const storedName = toStoredName(name, revision);
      const pulled = yield* store.pull(storedName, { signal, sha256, form: dtype });
      return { ...pulled, name: fromStoredName(pulled.name, revision) };
    },
    async remove(name) {
      if (!(await store.remove(toStoredName(name, revision)))) throw nothingToRemove(name);
    },
    async load(name: string, context: LoadContext) {
      const { memoryBytes } = await models.load(name, context);
      return { memoryBytes };
    },
    unload: (name) => models.unload(name),
    shutdown: () => models.close(),
  };
}
