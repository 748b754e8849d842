import type { Model } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { type ListedModel, parseAnswer, tagsAnswer } from "./api.ts";
import { aliasesOf } from "./full-name.ts";
import { listLoaded, ownMemoryBytes } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";
import { isRemote, type ModelDescription } from "./to-description.ts";
import { windowOf } from "./window.ts";

/** How many models are described at once; each is asked for once and then remembered by its digest. */
const atOnce = 8;

/** The models of an Ollama's store, as it names them. */
export async function listStored(
  server: OllamaServer,
  signal: AbortSignal,
): Promise<ListedModel[]> {
  const tags = await server.ask(server.fetch, "/api/tags", { signal });
  return parseAnswer(tagsAnswer, tags, "/api/tags").models ?? [];
}

/** The models of an Ollama's store, with what each can do. */
export async function listModels(server: OllamaServer, signal: AbortSignal): Promise<Model[]> {
  const { fetch, facts, config } = server;
  const [listed, inMemoryNow, onDevice] = await Promise.all([
    listStored(server, signal),
    listLoaded(server, signal),
    server.isOnDevice(),
  ]);
  const loaded = new Map(inMemoryNow.map((each) => [each.name, each]));
  facts.keep(listed.map(({ name }) => name));

  async function toModels(model: ListedModel): Promise<Model[]> {
    const { name, size } = model;
    const description = await describe(model);
    if (description === undefined) return [];
    const remote = isRemote(model) || (!("problem" in description) && description.isRemote);
    const inMemory = loaded.get(name);
    // Before it is loaded the size of its weights is the best guess.
    const memoryBytes = inMemory?.size === undefined ? (size ?? 0) : ownMemoryBytes(inMemory);
    const common: Model = {
      name,
      aliases: aliasesOf(name),
      loaded: inMemory !== undefined,
      memoryBytes: onDevice && !remote ? memoryBytes : 0,
      ...(size === undefined ? {} : { sizeBytes: size }),
      ...(remote ? { privacy: "remote" } : {}),
    };
    if ("problem" in description)
      return [{ ...common, capabilities: [], description: description.problem }];
    const contextTokens = windowOf(config, description, inMemory?.context_length);
    const { capabilities, summary, licence } = description;
    return [
      {
        ...common,
        capabilities,
        ...(contextTokens === undefined ? {} : { contextTokens }),
        ...(summary === undefined ? {} : { description: summary }),
        ...(licence === undefined ? {} : { licence }),
      },
    ];
  }

  async function describe(
    model: ListedModel,
  ): Promise<ModelDescription | { problem: string } | undefined> {
    try {
      return await facts.describe(model, { fetch, signal });
    } catch (error) {
      if (!isModelyardError(error) || error.code === "backend-unavailable" || signal.aborted)
        throw error;
      if (error.code === "model-not-found") return undefined; // deleted just now
      // One model that Ollama can't read must not hide the others.
      return { problem: `Of no use here: ${error.message}` };
    }
  }

  const models: Model[] = [];
  for (let start = 0; start < listed.length; start += atOnce) {
    const described = await Promise.all(listed.slice(start, start + atOnce).map(toModels));
    models.push(...described.flat());
  }
  return models;
}
