import type { CallContext } from "../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { fullName } from "./full-name.ts";
import { listLoaded } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";
import { engineDied } from "./to-error.ts";
import { windowOf } from "./window.ts";

type Asker = Pick<CallContext, "fetch" | "signal" | "model">;

/** What went wrong with a call, with what this Ollama knows of it; a model whose engine has died is told to have left memory. */
export async function explainFailure(
  error: unknown,
  server: OllamaServer,
  asker: Asker,
): Promise<unknown> {
  if (!isModelyardError(error)) return error;
  if (engineDied(error)) server.lost(fullName(asker.model));
  return error.code === "context-length-exceeded" ? withCounts(error, server, asker) : error;
}

/** Ollama before 0.34 counts neither: how large the window is can be found out, how long the input is can't. */
async function withCounts(
  error: ModelyardError,
  server: OllamaServer,
  asker: Asker,
): Promise<ModelyardError> {
  const { model } = asker;
  const { inputTokens, contextTokens = await windowNow(server, asker) } = error.details ?? {};
  if (contextTokens === undefined) return error;
  const input = inputTokens === undefined ? "The input" : `The input of ${inputTokens} tokens`;
  return new ModelyardError(
    error.code,
    `${input} does not fit into the context of ${model}, which is ${contextTokens} tokens.`,
    {
      model,
      remedy: "Shorten the input, or set a larger contextSize where the model has one.",
      details: { ...error.details, contextTokens },
      cause: error,
    },
  );
}

/** The window that a model is loaded with, in tokens; undefined where nobody tells. */
async function windowNow(
  server: OllamaServer,
  { fetch, signal, model }: Asker,
): Promise<number | undefined> {
  try {
    const [description, inMemory] = await Promise.all([
      server.facts.of(model, { fetch, signal }),
      listLoaded(server, signal),
    ]);
    const loaded = inMemory.find(({ name }) => name === fullName(model))?.context_length;
    return loaded === undefined
      ? windowOf(server.config, description, undefined)
      : Math.min(loaded, description.trainedTokens ?? loaded);
  } catch {
    return undefined; // the error itself matters more than this figure
  }
}
