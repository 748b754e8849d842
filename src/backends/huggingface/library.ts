/** The library, read on first need (0.3 s), and kept from the network, from caches of its own, and from printing what it works on. */
export function loadLibrary(): Promise<TransformersLibrary> {
  return (loaded ??= start());
}

export type TransformersLibrary = typeof import("@huggingface/transformers");
export type Tokenizer = InstanceType<TransformersLibrary["PreTrainedTokenizer"]>;
export type PreTrainedModel = InstanceType<TransformersLibrary["PreTrainedModel"]>;
export type Tensor = InstanceType<TransformersLibrary["Tensor"]>;

let loaded: Promise<TransformersLibrary> | undefined;

async function start(): Promise<TransformersLibrary> {
  const library = await import("@huggingface/transformers");
  const { env, LogLevel } = library;
  // A failed run would be logged with its token ids, which are the prompt.
  env.logLevel = LogLevel.NONE;
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useFSCache = false;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  return library;
}
