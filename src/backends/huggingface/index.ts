import { defineBackend, type Model } from "../../contract/backend.ts";
import { deferBackend } from "../../contract/defer-backend.ts";
import { config, type HuggingFaceConfig, routerUrl } from "./config.ts";
import { packages } from "./packages.ts";
import { parameters } from "./parameters.ts";
import { createRemote } from "./remote/create-remote.ts";

const capabilities = ["chat", "completion", "embedding", "classification"] as const;
/** With those that only a server has. */
const all = [...capabilities, "rerank"] as const;

/** Models of the Hugging Face hub: run inside Modelyard, or where the configuration says. */
export default defineBackend({
  type: "huggingface",
  description: "Runs models of the Hugging Face hub: here, in Python, or where they are served.",
  config,
  atRunTime: {
    takes: ["mode", "baseUrl", "token", "provider", "billTo", "dtype", "threads"],
    // An endpoint of anybody's lies at the hub's addresses, and would be sent HF_TOKEN.
    needs: ({ mode }) => (mode === "remote" ? ["token"] : []),
  },
  isolate: ({ mode, runtime }) => (mode === "local" && runtime === "onnx" ? "handlers" : undefined),
  module: import.meta.url,
  packages,
  sends: ({ mode }) => (mode === "remote" ? "guarded" : "nothing"),
  upstream: ({ mode, baseUrl = routerUrl }) => (mode === "remote" ? { url: baseUrl } : undefined),
  builtIn: true,
  takesReference: (reference) => !/\.gguf([?#]|$)/i.test(reference),
  defaults: { embedding: "all-minilm-l6-v2", classification: "all-minilm-l6-v2" },
  capabilities: all,
  parameters,
  create(setup) {
    if (setup.config.mode === "remote") return createRemote(setup);
    const isPython = setup.config.runtime === "python";
    const methods = ["listModels", "pull", "remove", "load", "unload"] as const;
    return deferBackend(
      isPython
        ? { capabilities, methods: [...methods, "healthCheck"] }
        : { capabilities, methods, listClosed: () => listClosed(setup.config) },
      async () =>
        isPython
          ? (await import("./create-python.ts")).createPython(setup)
          : (await import("./create-local.ts")).createLocal(setup),
    );
  },
});

async function listClosed(settings: HuggingFaceConfig): Promise<Model[]> {
  const { openStore } = await import("./open-store.ts");
  const { listModels } = await import("./list-models.ts");
  return listModels(openStore(settings), settings, []);
}
