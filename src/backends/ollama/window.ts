import type { OllamaConfig } from "./config.ts";
import type { ModelDescription } from "./to-description.ts";

/** What Ollama gives every model at least, in tokens, unless it is told otherwise. */
const smallestDefault = 4096;

/** The window to ask for, in tokens; undefined where Ollama decides. The same for every request, since another one loads the model anew. */
export function askedWindow(
  { contextSize }: OllamaConfig,
  { trainedTokens = Infinity }: Partial<ModelDescription>,
): number | undefined {
  return contextSize === undefined ? undefined : Math.min(contextSize, trainedTokens);
}

/**
 * The window that a model really has, in tokens; undefined while nobody can tell: Ollama decides as it loads it.
 * @param loadedTokens the one it is loaded with
 */
export function windowOf(
  config: OllamaConfig,
  description: ModelDescription,
  loadedTokens: number | undefined,
): number | undefined {
  const { trainedTokens, modelfileTokens } = description;
  const option = config.options["num_ctx"];
  const set =
    askedWindow(config, description) ??
    (typeof option === "number" ? option : undefined) ??
    modelfileTokens ??
    loadedTokens;
  if (set === undefined) {
    // A smaller one than every default can't be cut further.
    return trainedTokens !== undefined && trainedTokens <= smallestDefault
      ? trainedTokens
      : undefined;
  }
  return Math.min(set, trainedTokens ?? set);
}
