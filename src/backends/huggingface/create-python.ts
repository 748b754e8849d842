import type { Backend, BackendSetup, Health, LoadContext } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { createLoadedModels } from "../../contract/loaded-models.ts";
import { nothingToRemove } from "../../weights/nothing-to-remove.ts";
import type { HuggingFaceConfig } from "./config.ts";
import { createHandlers } from "./create-handlers.ts";
import { fromStoredName, isHubName, toStoredName } from "./model-name.ts";
import { openStore } from "./open-store.ts";
import { checkPython } from "./python/check-python.ts";
import { findInterpreter } from "./python/find-interpreter.ts";
import { loadPythonModel } from "./python/load-python-model.ts";
import { findPythonFolder, listPythonModels, toOriginal } from "./python/python-models.ts";
import { createPythonRuntime } from "./python/python-runtime.ts";
import { createWorkerProcess } from "./python/worker-process.ts";

/** Models as their authors publish them, run by transformers and sentence-transformers in a Python child. */
export function createPython({
  name,
  config,
  log,
  unloaded,
}: BackendSetup<HuggingFaceConfig>): Backend {
  const { revision } = config;
  let closing = false;
  const store = openStore(config);
  let python: string | undefined;
  let well: Health | undefined;

  /** What was found stays; whoever installs a Python need not start us again. */
  async function interpreter(signal: AbortSignal): Promise<string> {
    return (python ??= await findInterpreter({
      configured: config.python,
      directory: process.cwd(),
      environment: process.env,
      signal,
    }));
  }

  const worker = createWorkerProcess({
    name,
    config,
    interpreter,
    log,
    onGone() {
      if (closing) return;
      for (const model of models.names()) void models.unload(model);
      unloaded();
    },
  });
  const models = createLoadedModels(async (model, { signal }) =>
    loadPythonModel(worker, await findPythonFolder(store, config, model), config, signal),
  );
  return {
    capabilities: createHandlers(
      { ...models, enter: (model, context) => models.enter(toOriginal(model), context) },
      createPythonRuntime(worker),
    ),
    async healthCheck(signal) {
      if (well !== undefined) return well;
      const health = await checkPython(interpreter, signal);
      if (health.status === "healthy") well = health;
      return health;
    },
    async listModels(signal) {
      // Without a Python no model runs: that says more than that one is not found.
      await interpreter(signal);
      return listPythonModels(store, config, models.names());
    },
    async *pull(wanted, { signal, sha256 }) {
      const model = toOriginal(wanted);
      if (!isHubName(model)) throw noHubName(model);
      const storedName = toStoredName(model.replace(/^hf:/, ""), revision);
      const pulled = yield* store.pull(storedName, { signal, sha256, form: "pytorch" });
      return { ...pulled, name: fromStoredName(pulled.name, revision) };
    },
    async remove(model) {
      if (!(await store.remove(toStoredName(toOriginal(model), revision))))
        throw nothingToRemove(model);
    },
    async load(model: string, context: LoadContext) {
      const { memoryBytes } = await models.load(toOriginal(model), context);
      return { memoryBytes };
    },
    unload: (model) => models.unload(toOriginal(model)),
    async shutdown() {
      closing = true;
      // The child takes its models along.
      await worker.close();
      await models.close();
    },
  };
}

function noHubName(model: string): ModelyardError {
  return new ModelyardError(
    "invalid-request",
    `${JSON.stringify(model)} is no model's name at the hub.`,
    {
      model,
      remedy: 'Give it as `owner/name`; a folder of your own goes by its place below "cacheDir".',
    },
  );
}
