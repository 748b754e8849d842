import type { CallContext } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { parseAnswer, psAnswer } from "./api.ts";
import { fromLines } from "./from-lines.ts";
import { fullName } from "./full-name.ts";
import type { OllamaServer } from "./server.ts";
import { engineDied } from "./to-error.ts";
import { windowOf } from "./window.ts";

/** Asks Ollama for an answer, line by line, and gives its events. To stop reading closes the connection, which stops Ollama. */
export async function* answer(
  server: OllamaServer,
  path: "/api/chat" | "/api/generate",
  body: object,
  { fetch, signal, model }: CallContext,
): AsyncGenerator<ChatEvent, void, undefined> {
  try {
    const { readLines } = await import("../../contract/http/read-lines.ts");
    const response = await server.send(fetch, path, { body, signal, model });
    yield* fromLines(readLines(response), model);
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    if (engineDied(error)) server.lost(fullName(model));
    throw error.code === "context-length-exceeded"
      ? await withWindow(error, server, { fetch, signal, model })
      : error;
  }
}

/** Ollama does not say how large the window is that a prompt did not fit into; what it has loaded does. */
export async function withWindow(
  error: ModelyardError,
  server: OllamaServer,
  { fetch, signal, model }: Pick<CallContext, "fetch" | "signal" | "model">,
): Promise<ModelyardError> {
  let contextTokens: number | undefined;
  try {
    const [description, ps] = await Promise.all([
      server.facts.of(model, { fetch, signal }),
      server.ask(fetch, "/api/ps", { signal }),
    ]);
    const { models } = parseAnswer(psAnswer, ps, "/api/ps");
    const loaded = models?.find(({ name }) => name === fullName(model));
    const { trainedTokens = Infinity } = description;
    contextTokens =
      loaded?.context_length === undefined
        ? windowOf(server.config, description, undefined)
        : Math.min(loaded.context_length, trainedTokens);
  } catch {
    // The error itself matters more than this figure.
  }
  if (contextTokens === undefined) return error;
  return new ModelyardError(
    error.code,
    `The input does not fit into the context of ${model}, which is ${contextTokens} tokens.`,
    {
      model,
      remedy: "Shorten the input, or set a larger contextSize where the model has one.",
      details: { ...error.details, contextTokens },
      cause: error,
    },
  );
}
