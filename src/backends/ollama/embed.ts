import type { Handler } from "../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { withWindow } from "./answer.ts";
import { embedAnswer, parseAnswer } from "./api.ts";
import { fullName } from "./full-name.ts";
import type { OllamaServer } from "./server.ts";
import { runnerBody } from "./to-body.ts";
import { engineDied } from "./to-error.ts";

/** How many texts one request carries: as many as an answer of a few megabytes holds vectors for. */
const batchSize = 512;

/** Vectors by `/api/embed`, in batches one after another; they come with length 1. */
export function createEmbed(server: OllamaServer): Handler<"embedding"> {
  return async function embed({ input, dimensions, purpose }, context) {
    const { model, fetch, signal, warn } = context;
    if (purpose !== undefined) warn("purpose: Ollama does not tell queries and documents apart.");
    const description = await server.facts.of(model, context);
    const embeddings: number[][] = [];
    const raw: object[] = [];
    let inputTokens = 0;
    for (let start = 0; start < input.length; start += batchSize) {
      const batch = input.slice(start, start + batchSize);
      const body = {
        model,
        input: batch,
        // Else a text that is too long is cut in silence.
        truncate: false,
        ...(dimensions === undefined ? {} : { dimensions }),
        ...runnerBody(server.config, description),
      };
      const found = await ask(body);
      embeddings.push(...found.embeddings);
      const { embeddings: vectors, ...figures } = found;
      if (vectors.length !== batch.length) throw miscounted(model, batch.length, vectors.length);
      inputTokens += figures.prompt_eval_count ?? 0;
      raw.push(figures);
    }
    const given = embeddings[0]?.length;
    if (dimensions !== undefined && given !== dimensions)
      warn(`dimensions: ${model} gave ${given} where ${dimensions} were asked for.`);
    return { embeddings, usage: { inputTokens, raw: raw.length === 1 ? raw[0] : raw } };

    async function ask(body: object) {
      try {
        const answered = await server.ask(fetch, "/api/embed", { body, signal, model });
        return parseAnswer(embedAnswer, answered, "/api/embed");
      } catch (error) {
        if (!isModelyardError(error)) throw error;
        if (engineDied(error)) server.lost(fullName(model));
        throw error.code === "context-length-exceeded"
          ? await withWindow(error, server, { fetch, signal, model })
          : error;
      }
    }
  };
}

function miscounted(model: string, asked: number, given: number): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `Ollama gave ${given} vectors for ${asked} texts.`,
    { model, remedy: "Update Ollama; if it stays so, report it there." },
  );
}
