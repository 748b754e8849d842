import type { Handler } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { embedAnswer, parseAnswer } from "./api.ts";
import { explainFailure } from "./explain-failure.ts";
import type { OllamaServer } from "./server.ts";
import { runnerBody } from "./to-body.ts";

/** How many texts one request carries: as many as an answer of a few megabytes holds vectors for. */
const batchSize = 512;

/** Vectors by `/api/embed`, in batches one after another; they come with length 1. */
export function embeddingHandler(server: OllamaServer): Handler<"embedding"> {
  return async function embed({ input, dimensions, purpose }, context) {
    const { model, fetch, signal, warn } = context;
    if (purpose !== undefined) warn("purpose: Ollama does not tell queries and documents apart.");
    const description = await server.facts.of(model, context);
    const common = {
      model,
      // Else a text that is too long is cut in silence.
      truncate: false,
      ...(dimensions === undefined ? {} : { dimensions }),
      ...runnerBody(server.config, description),
    };
    const embeddings: number[][] = [];
    const raw: object[] = [];
    let inputTokens = 0;

    async function embedBatch(batch: readonly string[]): Promise<void> {
      const request = { body: { ...common, input: batch }, signal, model };
      const answered = await server.ask(fetch, "/api/embed", request);
      const { embeddings: vectors, ...figures } = parseAnswer(embedAnswer, answered, "/api/embed");
      if (vectors.length !== batch.length) throw miscounted(model, batch.length, vectors.length);
      embeddings.push(...vectors);
      inputTokens += figures.prompt_eval_count ?? 0;
      raw.push(figures);
    }

    try {
      for (let start = 0; start < input.length; start += batchSize)
        await embedBatch(input.slice(start, start + batchSize));
    } catch (error) {
      throw await explainFailure(error, server, context);
    }
    const given = embeddings[0]?.length;
    if (dimensions !== undefined && given !== dimensions)
      warn(`dimensions: ${model} gave ${given} where ${dimensions} were asked for.`);
    return { embeddings, usage: { inputTokens, raw: raw.length === 1 ? raw[0] : raw } };
  };
}

function miscounted(model: string, asked: number, given: number): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `Ollama gave ${given} vectors for ${asked} texts.`,
    { model, remedy: "Update Ollama; if it stays so, report it there." },
  );
}
