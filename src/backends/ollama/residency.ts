import { setTimeout as sleep } from "node:timers/promises";
import type { LoadContext } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { fullName } from "./full-name.ts";
import { listLoaded, ownMemoryBytes, watchLoaded } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";
import { runnerBody } from "./to-body.ts";

/** How often and how long Ollama is asked whether a model has gone, in milliseconds. */
const unloadPollMs = 50;
const unloadLimitMs = 15_000;

/** Has Ollama read a model into memory; gives what it takes of this device's own memory, a GPU's left out. */
export async function load(
  server: OllamaServer,
  model: string,
  { signal, progress }: LoadContext,
): Promise<{ memoryBytes: number }> {
  const { fetch } = server;
  const description = await server.facts.of(model, { fetch, signal });
  // A cloud's models are in nobody's memory here.
  if (description.isRemote) return { memoryBytes: 0 };
  progress({ phase: "load", model });
  const embeds = !description.capabilities.includes("chat");
  const { keep_alive, options } = runnerBody(server.config, description);
  const body = {
    model,
    options,
    ...(keep_alive === undefined ? {} : { keep_alive }),
    ...(embeds ? { input: [] } : { stream: false }),
  };
  await server.ask(fetch, embeds ? "/api/embed" : "/api/generate", { body, signal, model });
  const inMemory = await watchLoaded(server, signal);
  const found = inMemory.find(({ name }) => name === fullName(model));
  // With keepAlive 0 it has left again already.
  if (found === undefined) return { memoryBytes: 0 };
  server.loaded.add(fullName(model));
  return { memoryBytes: (await server.isOnDevice()) ? ownMemoryBytes(found) : 0 };
}

/** Has Ollama free a model's memory, and waits until it has. */
export async function unload(server: OllamaServer, model: string): Promise<void> {
  server.loaded.delete(fullName(model));
  const body = { model, keep_alive: 0, stream: false };
  await server.ask(server.fetch, "/api/generate", { body, model });
  const end = performance.now() + unloadLimitMs;
  while ((await listLoaded(server)).some(({ name }) => name === fullName(model))) {
    if (performance.now() > end) throw stays(model);
    await sleep(unloadPollMs);
  }
}

function stays(model: string): ModelyardError {
  return new ModelyardError(
    "backend-error",
    `Ollama has not freed ${model} within ${unloadLimitMs} ms.`,
    { model, remedy: "Another program may be using it; `ollama ps` shows what is loaded." },
  );
}
