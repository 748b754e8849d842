import { type LoadedModel, parseAnswer, psAnswer } from "./api.ts";
import type { OllamaServer } from "./server.ts";

/** What Ollama has in memory now. */
export async function listLoaded(
  server: OllamaServer,
  signal?: AbortSignal,
): Promise<LoadedModel[]> {
  const request = signal === undefined ? {} : { signal };
  const ps = await server.ask(server.fetch, "/api/ps", request);
  return parseAnswer(psAnswer, ps, "/api/ps").models ?? [];
}

/** Of the models that were loaded before Ollama was asked, tells those that are gone: their time ran out, or others took their place. */
export function noticeLost(
  server: OllamaServer,
  before: readonly string[],
  inMemory: readonly LoadedModel[],
): void {
  for (const lost of before) if (inMemory.every(({ name }) => name !== lost)) server.lost(lost);
}
