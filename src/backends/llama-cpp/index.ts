import { defineBackend, type Model } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { config, type LlamaCppConfig } from "./config.ts";
import { packages } from "./packages.ts";
import { parameters } from "./parameters.ts";

const capabilities = ["chat", "completion", "embedding", "classification"] as const;

/** GGUF models, run by llama.cpp inside Modelyard. */
export default defineBackend({
  type: "llama-cpp",
  description: "Runs GGUF models with llama.cpp, without a server.",
  config,
  atRunTime: { takes: ["threads", "contextSize", "gpu"] },
  isolate: "handlers",
  module: import.meta.url,
  packages,
  sends: "nothing",
  builtIn: true,
  takesReference: (reference) => /\.gguf([?#]|$)/i.test(reference),
  defaults: { chat: "smollm2:135m", completion: "smollm2:135m" },
  capabilities,
  parameters,
  create: (setup) =>
    deferBackend(
      {
        capabilities,
        methods: ["listModels", "pull", "remove", "load", "unload"],
        listClosed: () => listClosed(setup.config),
      },
      async () => (await import("./create-backend.ts")).createBackend(setup),
    ),
});

async function listClosed({ modelsDir }: LlamaCppConfig): Promise<Model[]> {
  const { createWeightsStore } = await import("../../weights/store.ts");
  const { listModels } = await import("./list-models.ts");
  return listModels(createWeightsStore({ directory: modelsDir }), []);
}
