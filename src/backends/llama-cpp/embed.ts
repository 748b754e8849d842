import type { LlamaEmbeddingContext } from "node-llama-cpp";
import type { Handler } from "../../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import type { LoadedModel } from "./model.ts";
import { refuseHugeText } from "./generation/window.ts";

/** Embedding on the models of one backend. */
export function embeddingHandler(models: LoadedModels<LoadedModel>): Handler<"embedding"> {
  const contexts = new WeakMap<LoadedModel, Promise<LlamaEmbeddingContext>>();

  function contextOf(loaded: LoadedModel): Promise<LlamaEmbeddingContext> {
    const there = contexts.get(loaded);
    if (there !== undefined) return there;
    const { model, engine } = loaded;
    const contextSize = Math.min(model.trainContextSize, loaded.windowTokens);
    const making = model.createEmbeddingContext({
      contextSize,
      batchSize: contextSize,
      threads: engine.threads,
    });
    contexts.set(loaded, making);
    // memory that is short now may be free later
    making.catch(() => contexts.delete(loaded));
    return making;
  }

  return async ({ input, dimensions, purpose }, context) => {
    if (purpose !== undefined)
      context.warn("llama-cpp makes the same vector whatever a text is for: purpose was ignored.");
    const { model: loaded, signal, leave } = await models.enter(context.model, context);
    try {
      const windowTokens = Math.min(loaded.model.trainContextSize, loaded.windowTokens);
      for (const text of input) refuseHugeText(loaded.name, text.length, windowTokens);
      refuseDimensions(loaded, dimensions);
      const engine = await contextOf(loaded).catch((error: unknown) => {
        throw toModelyardError(error, "insufficient-memory");
      });
      const lengths = input.map((text) => engine.calculateInputLength(text));
      lengths.forEach((length, index) => refuseLongText(loaded.name, length, windowTokens, index));
      const embeddings: number[][] = [];
      for (const text of input) {
        signal.throwIfAborted();
        const { vector } = await engine.getEmbeddingFor(text);
        embeddings.push(toUnitLength(vector));
      }
      return {
        embeddings,
        usage: { inputTokens: lengths.reduce((sum, length) => sum + length, 0) },
      };
    } finally {
      leave();
    }
  };
}

/** A vector of the same direction and length 1. */
export function toUnitLength(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function refuseDimensions({ name, model }: LoadedModel, dimensions: number | undefined): void {
  if (dimensions === undefined || dimensions === model.embeddingVectorSize) return;
  throw new ModelyardError(
    "capability-not-supported",
    `${name} gives vectors of ${model.embeddingVectorSize} dimensions, no others.`,
    {
      model: name,
      remedy: "Leave dimensions out.",
      details: { param: "dimensions" },
    },
  );
}

function refuseLongText(
  model: string,
  inputTokens: number,
  windowTokens: number,
  index: number,
): void {
  if (inputTokens < windowTokens) return;
  throw new ModelyardError(
    "context-length-exceeded",
    `Text ${index + 1} has ${inputTokens} tokens, and ${model} reads ${windowTokens - 1} at most.`,
    {
      model,
      remedy: "Cut the text into parts.",
      details: {
        promptTokens: inputTokens,
        contextTokens: windowTokens,
        exceededByTokens: inputTokens - windowTokens + 1,
        index,
      },
    },
  );
}
