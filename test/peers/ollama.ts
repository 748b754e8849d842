import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOllamaServer, type OllamaServer } from "./ollama-server.ts";
import { linkOllamaStore, preparedOllamaStore } from "./ollama-store.ts";

export interface OllamaOptions {
  /** `prepared` (the default): with `smollm2:135m` and `minilm`; `empty`; or the folder of a store, which is used as it is. */
  models?: "prepared" | "empty" | { folder: string };
  /** Added to its environment, which has nothing of this process's but the path. */
  environment?: Record<string, string>;
  /** Left out: any that is free. */
  port?: number;
}

/**
 * Starts a real Ollama with a store of its own under a temporary folder, which a test may change, and waits until it answers. It ends with this process; `stop` removes the folder.
 * @throws MissingIngredient
 */
export async function startOllama(options: OllamaOptions = {}): Promise<OllamaServer> {
  const { models = "prepared", ...others } = options;
  const prepared = models === "prepared" ? await preparedOllamaStore() : undefined;
  const home = await mkdtemp(join(tmpdir(), "modelyard-ollama-"));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const store = typeof models === "object" ? models.folder : join(home, "models");
    await mkdir(store, { recursive: true });
    if (prepared) await linkOllamaStore(prepared, store);
    return await startOllamaServer({ ...others, home, store, onStop: remove });
  } catch (error) {
    await remove();
    throw error;
  }
}
