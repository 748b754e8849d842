import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { ModelyardError } from "../../contract/errors.ts";
import { createBatchGate, type BatchGate } from "./sequences/batch-gate.ts";
import { createChatTemplate, type ChatTemplate } from "./conversation/chat-template.ts";
import type { LlamaCppConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import { loadError } from "./load-error.ts";
import { createComputingClock } from "./sequences/computing-clock.ts";
import { createPromptPace, type PromptPace } from "./sequences/prompt-pace.ts";
import { createSequencePool, type SequencePool } from "./sequences/sequences.ts";

/** A context of several conversations that are computed together. */
export interface Conversations {
  readonly context: LlamaContext;
  readonly pool: SequencePool;
  readonly pace: PromptPace;
  readonly gate: BatchGate;
  /** Tokens of each conversation, prompt and answer. */
  readonly windowTokens: number;
}

/** A model in memory. */
export interface LoadedModel {
  readonly name: string;
  readonly engine: Engine;
  readonly model: LlamaModel;
  readonly template: () => ChatTemplate;
  /** The longest window there can be. */
  readonly windowTokens: number;
  /** The context for a prompt of so many tokens and an answer of so many more; made on first need. */
  conversations(tokens: number): Promise<Conversations>;
  memoryBytes(): number;
  /** Frees the memory. Nothing may be computing any more. */
  dispose(): Promise<void>;
}

/** What is enough for most, and small enough to hold four of. */
const usualWindowTokens = 4096;
/** Where nothing is configured, no window is made wider: its memory is taken at once. */
const widestWindowTokens = 32_768;
const sequences = 4;
/** Four conversations are held where they take no more than this together; else two, else one. */
const conversationsMemoryBytes = 1.5 * 2 ** 30;

export interface LoadOptions {
  engine: Engine;
  config: LlamaCppConfig;
  name: string;
  path: string;
  signal: AbortSignal;
  onProgress(fraction: number): void;
}

/**
 * Reads a model into memory.
 * @throws ModelyardError `model-not-found`, `storage-failed` (not a GGUF file, or cut short), `insufficient-memory`, `backend-error`.
 */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const { engine, config, name, path, signal, onProgress } = options;
  const { said, result } = await engine.listen(() =>
    engine.llama.loadModel({ modelPath: path, loadSignal: signal, onLoadProgress: onProgress }),
  );
  const model = await result.catch((error: unknown) => {
    signal.throwIfAborted();
    throw loadError(error, { model: name, path, said });
  });
  const widest = Math.min(config.contextSize ?? widestWindowTokens, model.trainContextSize);
  const usual = Math.min(config.contextSize ?? usualWindowTokens, widest);
  const made = new Map<number, Promise<Conversations>>();
  const contexts = new Set<{ memoryUsage: { ram: number; vram: number } }>();
  let template: ChatTemplate | undefined;

  function make(windowTokens: number): Promise<Conversations> {
    const there = made.get(windowTokens);
    if (there !== undefined) return there;
    const making = makeConversations(
      engine,
      model,
      name,
      windowTokens,
      windowTokens > usual ? 1 : sequences,
    );
    made.set(windowTokens, making);
    making.then(
      ({ context }) => contexts.add(context),
      // a window that did not fit may fit later
      () => made.delete(windowTokens),
    );
    return making;
  }

  return {
    name,
    engine,
    model,
    windowTokens: widest,
    template: () => (template ??= createChatTemplate(engine.library, model)),
    conversations: (tokens) => make(tokens <= usual ? usual : widest),
    memoryBytes: () =>
      [model, ...contexts].reduce((sum, { memoryUsage: { ram, vram } }) => sum + ram + vram, 0),
    dispose: () => model.dispose(),
  };
}

async function makeConversations(
  engine: Engine,
  model: LlamaModel,
  name: string,
  windowTokens: number,
  wanted: number,
): Promise<Conversations> {
  const count = await affordable(model, windowTokens, wanted);
  const gate = createBatchGate();
  const { said, result } = await engine.listen(() =>
    model.createContext({
      batching: gate.batching,
      contextSize: windowTokens,
      sequences: count,
      threads: engine.threads,
      failedCreationRemedy: false,
    }),
  );
  const context = await result.catch((error: unknown) => {
    const failure = loadError(error, { model: name, path: "", said });
    throw failure.code === "backend-error"
      ? new ModelyardError(
          "insufficient-memory",
          `There is no memory for a window of ${windowTokens} tokens: ${failure.message}`,
          {
            model: name,
            remedy: 'Set a smaller "contextSize".',
            cause: error,
          },
        )
      : failure;
  });
  return {
    context,
    pool: createSequencePool(context),
    pace: createPromptPace(
      createComputingClock({ threads: engine.threads, onGpu: model.gpuLayers > 0 }),
    ),
    gate,
    windowTokens,
  };
}

/** How many conversations of a window fit into what they may take together. */
async function affordable(
  model: LlamaModel,
  windowTokens: number,
  wanted: number,
): Promise<number> {
  for (let count = wanted; count > 1; count = Math.floor(count / 2)) {
    const { cpuRam, gpuVram } = await model.fileInsights.estimateContextResourceRequirementsV2({
      contextSize: windowTokens,
      sequences: count,
      modelGpuLayers: model.gpuLayers,
    });
    if (cpuRam + gpuVram <= conversationsMemoryBytes) return count;
  }
  return 1;
}

/** Whether a model gives vectors alone and can't write. */
export function readsOnly({ model }: Pick<LoadedModel, "model">): boolean {
  const { hasEncoder, hasDecoder } = model.fileInsights;
  return (hasEncoder && !hasDecoder) || /bert/i.test(model.architecture);
}

/**
 * Refuses to write with a model that only reads.
 * @throws ModelyardError `capability-not-supported`.
 */
export function refuseEncoder(loaded: LoadedModel): void {
  if (!readsOnly(loaded)) return;
  throw new ModelyardError(
    "capability-not-supported",
    `${loaded.name} is an embedding model: it can't write.`,
    { model: loaded.name, remedy: "Use it for embedding, and another model for this." },
  );
}
