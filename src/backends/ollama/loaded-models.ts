import { isModelyardError } from "../../contract/errors.ts";
import { type LoadedModel, parseAnswer, psAnswer } from "./api.ts";
import type { OllamaServer } from "./server.ts";

/** What Ollama has in memory now; nothing where it does not tell, as its cloud. */
export async function listLoaded(
  server: OllamaServer,
  signal?: AbortSignal,
): Promise<LoadedModel[]> {
  const request = signal === undefined ? {} : { signal };
  try {
    const ps = await server.ask(server.fetch, "/api/ps", request);
    return parseAnswer(psAnswer, ps, "/api/ps").models ?? [];
  } catch (error) {
    if (isModelyardError(error) && error.details?.["status"] === 404) return [];
    throw error;
  }
}

/** Of the models that were loaded before Ollama was asked, tells those that are gone: their time ran out, or others took their place. */
export function noticeLost(
  server: OllamaServer,
  before: readonly string[],
  inMemory: readonly LoadedModel[],
): void {
  for (const lost of before) if (inMemory.every(({ name }) => name !== lost)) server.lost(lost);
}
