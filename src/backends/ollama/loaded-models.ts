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

/** The same, which tells on the way of those that were loaded for us and are gone: their time ran out, or others took their place. */
export async function watchLoaded(
  server: OllamaServer,
  signal: AbortSignal,
): Promise<LoadedModel[]> {
  // One that is loaded while this is under way may not stand in the answer.
  const before = [...server.loaded];
  const inMemory = await listLoaded(server, signal);
  for (const lost of before) if (inMemory.every(({ name }) => name !== lost)) server.lost(lost);
  return inMemory;
}

/** What a model takes of the machine's own memory, a GPU's left out, in bytes. */
export function ownMemoryBytes({ size = 0, size_vram: onGpu = 0 }: LoadedModel): number {
  return Math.max(0, size - onGpu);
}
