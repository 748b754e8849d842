/** The native library, read on first need: a backend that is only listed must not cost its 0.5 s. */
export function loadLibrary(): Promise<LlamaLibrary> {
  return (loaded ??= import("node-llama-cpp"));
}

export type LlamaLibrary = typeof import("node-llama-cpp");

let loaded: Promise<LlamaLibrary> | undefined;
