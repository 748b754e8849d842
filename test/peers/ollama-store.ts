import { constants, existsSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { minilmGguf } from "./minilm-gguf.ts";
import { startOllamaServer } from "./ollama-server.ts";
import { peersFolder } from "./peers-folder.ts";
import { smallModel } from "./small-model.ts";

/** The names that the prepared store's models have. */
export const preparedModels = { chat: "smollm2:135m", embedding: "minilm" } as const;

/**
 * The folder of a store with a small chat model and a small embedding model, made once by Ollama itself; not to be changed: see `linkOllamaStore`.
 * Both compute with one thread, so that tests leave the other cores alone.
 * @throws MissingIngredient
 */
export async function preparedOllamaStore(): Promise<string> {
  const [chat, embedding] = [await smallModel(), await minilmGguf()];
  const folder = join(await peersFolder("ollama-stores"), "smollm2-minilm-1");
  if (existsSync(folder)) return folder;
  const beside = await mkdtemp(`${folder}.`);
  const home = await mkdtemp(join(tmpdir(), "modelyard-ollama-"));
  try {
    await using ollama = await startOllamaServer({ home, store: beside });
    await ollama.createModel(preparedModels.chat, chat, { num_thread: 1 });
    await ollama.createModel(preparedModels.embedding, embedding, { num_thread: 1 });
    await ollama.stop();
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // another process was first: its folder is the same
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return folder;
}

/** Makes a store with the same files: by hard links, for Ollama never writes into a file that is whole, or as copies on another file system. */
export async function linkOllamaStore(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    await mkdir(dirname(target), { recursive: true });
    await link(source, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EXDEV" && error.code !== "EPERM") throw error;
      return copyFile(source, target, constants.COPYFILE_FICLONE);
    });
  }
}
