import { defineBackend } from "../../contract/backend.ts";
import { config } from "./config.ts";
import { createLocal } from "./create-local.ts";
import { createPython } from "./create-python.ts";
import { packages } from "./packages.ts";
import { createRemote } from "./remote/create-remote.ts";
import { routerUrl } from "./remote/router-url.ts";

/** Models of the Hugging Face hub: run inside Modelyard, or where the configuration says. */
export default defineBackend({
  type: "huggingface",
  description: "Runs ONNX models of the Hugging Face hub, without a server.",
  config,
  isolate: ({ mode, runtime }) => (mode === "local" && runtime === "onnx" ? "handlers" : undefined),
  module: import.meta.url,
  packages,
  sends: ({ mode }) => (mode === "remote" ? "guarded" : "nothing"),
  upstream: ({ mode, baseUrl = routerUrl }) => (mode === "remote" ? { url: baseUrl } : undefined),
  builtIn: true,
  takesReference: (reference) => !/\.gguf([?#]|$)/i.test(reference),
  defaults: { embedding: "all-minilm-l6-v2", classification: "all-minilm-l6-v2" },
  capabilities: ["chat", "completion", "embedding", "classification"],
  create(setup) {
    if (setup.config.mode === "remote") return createRemote(setup);
    return setup.config.runtime === "python" ? createPython(setup) : createLocal(setup);
  },
});
