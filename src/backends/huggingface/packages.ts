import type { EnginePackages } from "../../contract/backend.ts";

/** The library, and with it the runtime's binaries for every platform, of which one is kept. */
export const packages: EnginePackages = {
  versions: { "@huggingface/transformers": "4.3.1" },
  // The runtime for browsers, 141 MB, is not used here.
  overrides: { "onnxruntime-web": "npm:onnxruntime-common@1.30.0" },
  platformFolders: ["onnxruntime-node/bin/*"],
};
