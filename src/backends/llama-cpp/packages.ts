import type { EnginePackages } from "../../contract/backend.ts";

const version = "3.22.1";

/** The library and its prebuilt binaries, each for the CPU alone but on a Mac, where Metal comes with it. */
export const packages: EnginePackages = {
  versions: { "node-llama-cpp": version },
  binaries: {
    "linux-x64": { "@node-llama-cpp/linux-x64": version },
    "linux-arm64": { "@node-llama-cpp/linux-arm64": version },
    "darwin-x64": { "@node-llama-cpp/mac-x64": version },
    "darwin-arm64": { "@node-llama-cpp/mac-arm64-metal": version },
    "win32-x64": { "@node-llama-cpp/win-x64": version },
    "win32-arm64": { "@node-llama-cpp/win-arm64": version },
  },
};
