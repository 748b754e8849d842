import type { Model } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { type ListedModel, type LoadedModel, parseAnswer, tagsAnswer } from "./api.ts";
import { aliasesOf } from "./full-name.ts";
import { listLoaded } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";
import { isRemote, type ModelDescription } from "./to-description.ts";
import { windowOf } from "./window.ts";

/** How many models are described at once; each is asked for once and then remembered by its digest. */
const atOnce = 8;

/** The models of an Ollama's store, with what each can do. */
export async function listModels(server: OllamaServer, signal: AbortSignal): Promise<Model[]> {
  const { fetch, facts, config } = server;
  const [tags, inMemoryNow, onDevice] = await Promise.all([
    server.ask(fetch, "/api/tags", { signal }),
    listLoaded(server, signal),
    server.isOnDevice(),
  ]);
  const listed = parseAnswer(tagsAnswer, tags, "/api/tags").models ?? [];
  const loaded = new Map(inMemoryNow.map((each) => [each.name, each]));
  facts.keep(listed.map(({ digest }) => digest));

  async function toModels(model: ListedModel): Promise<Model[]> {
    const { name, digest, size } = model;
    const description = await describe(model, digest);
    if (description === undefined) return [];
    const remote = isRemote(model) || (!("problem" in description) && description.isRemote);
    const inMemory = loaded.get(name);
    const common: Model = {
      name,
      aliases: aliasesOf(name),
      loaded: inMemory !== undefined,
      memoryBytes: onDevice && !remote ? ownMemoryBytes(inMemory, size) : 0,
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
    { name }: ListedModel,
    digest: string,
  ): Promise<ModelDescription | { problem: string } | undefined> {
    try {
      return await facts.describe(name, digest, { fetch, signal });
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

/** What a model takes of the machine's own memory; before it is loaded the size of its weights is the best guess. */
function ownMemoryBytes(inMemory: LoadedModel | undefined, weightsBytes = 0): number {
  if (inMemory?.size === undefined) return weightsBytes;
  return Math.max(0, inMemory.size - (inMemory.size_vram ?? 0));
}
