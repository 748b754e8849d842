import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyModels } from "../../../../test/models/tiny-models.ts";
import type { Backend, CallContext } from "../../../contract/backend.ts";
import { config } from "../config.ts";
import definition from "../index.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** The backend over a folder of its own with the tiny models in it. */
export interface TinyBackend extends AsyncDisposable {
  readonly directory: string;
  readonly backend: Backend;
  /** Another backend over the same folder. */
  create(settings?: object): Backend;
  /** A model of its own, `test/<name>`, made from another; gives its folder. */
  variant(from: string, name: string): Promise<string>;
}

/** A backend as it is configured. */
export function createBackend(
  settings: object,
  unloaded: (model?: string) => void = silent,
): Backend {
  const parsed = config.parse({ threads: 1, ...settings });
  return definition.create({
    name: "huggingface",
    config: parsed,
    fetch,
    log,
    unloaded,
    secret: silent,
  });
}

export async function tinyBackend(): Promise<TinyBackend> {
  const { onnxDirectory } = await tinyModels();
  const directory = await mkdtemp(join(tmpdir(), "modelyard-huggingface-"));
  await cp(onnxDirectory, directory, { recursive: true });
  const create = (settings: object = {}) => createBackend({ cacheDir: directory, ...settings });
  const backend = create();
  return {
    directory,
    backend,
    create,
    async variant(from, name) {
      const folder = join(directory, "test", name);
      await cp(join(directory, "test", from), folder, { recursive: true });
      return folder;
    },
    async [Symbol.asyncDispose]() {
      await backend.shutdown?.();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Gives the word "secret" a token that the network does not have. */
export async function addUnknownToken(folder: string): Promise<void> {
  const file = join(folder, "tokenizer.json");
  const content = JSON.parse(await readFile(file, "utf8")) as { model: { vocab: object } };
  const vocab = { ...content.model.vocab, secret: 4711 };
  await writeFile(file, JSON.stringify({ ...content, model: { ...content.model, vocab } }));
}

/** What a handler is given, for a caller who only wants the answer. */
export function contextOf(model: string, more: Partial<CallContext> = {}): CallContext {
  const { signal } = new AbortController();
  return { model, signal, stream: true, fetch, warn: silent, progress: silent, ...more };
}

/** Adds to a JSON file. */
export async function extendJson(file: string, more: object): Promise<void> {
  const content = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...content, ...more }));
}
