import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ollamaProgram } from "./ollama-program.ts";
import { linkOllamaStore, preparedOllamaStore } from "./ollama-store.ts";
import { startProcessGroup, type ProcessGroup } from "./process-group.ts";

export interface OllamaOptions {
  /** `prepared` (the default): with `smollm2:135m` and `minilm`; `empty`; or the folder of a store, which is used as it is. */
  models?: "prepared" | "empty" | { folder: string };
  /** Added to its environment, which has nothing of this process's but the path. */
  environment?: Record<string, string>;
  /** Left out: any that is free. */
  port?: number;
}

export interface Ollama extends AsyncDisposable {
  /** Its address without a path; the same after a new start. */
  readonly url: string;
  /** Of the process that runs, or ran last. */
  readonly pid: number;
  /** The folder of its store. */
  readonly store: string;
  /** Makes a model of a GGUF file. `parameters` are a Modelfile's, like `num_thread`. */
  createModel(
    name: string,
    gguf: string,
    parameters?: Record<string, string | number>,
  ): Promise<void>;
  /** Kills its runners alone, as when an engine dies. @returns how many there were */
  killRunners(): Promise<number>;
  /** SIGKILL to all its processes. Its store and port stay, for `startAgain`. */
  kill(): Promise<void>;
  /** On the same port and store, once it was killed. */
  startAgain(): Promise<void>;
  /** Ends it for good and removes what it wrote. */
  stop(): Promise<void>;
}

/**
 * Starts a real Ollama with a store and home of its own under a temporary folder, and waits until it answers. It ends with this process.
 * @throws MissingIngredient
 */
export async function startOllama(options: OllamaOptions = {}): Promise<Ollama> {
  const { models = "prepared", port = 0 } = options;
  const program = await ollamaProgram();
  const prepared = models === "prepared" ? await preparedOllamaStore() : undefined;
  const folder = await mkdtemp(join(tmpdir(), "modelyard-ollama-"));
  const store = typeof models === "object" ? models.folder : join(folder, "models");
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    OLLAMA_MODELS: store,
    ...options.environment,
  };
  let group: ProcessGroup | undefined;
  let address = `127.0.0.1:${port}`;
  const start = async () => {
    group = await startProcessGroup(program, ["serve"], { ...environment, OLLAMA_HOST: address });
    const [, listening] = await group.untilSaid(/Listening on (127\.0\.0\.1:\d+)/);
    address = listening!;
    await fetch(`http://${address}/api/version`, { headers: { connection: "close" } });
  };
  const stop = async () => {
    await group?.stop();
    group = undefined;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await (prepared === undefined
      ? mkdir(store, { recursive: true })
      : linkOllamaStore(prepared, store));
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  let pid = group!.pid;
  return {
    url: `http://${address}`,
    store,
    get pid() {
      return pid;
    },
    async createModel(name, gguf, parameters = {}) {
      const file = join(folder, "Modelfile");
      const lines = Object.entries(parameters).map(([key, value]) => `PARAMETER ${key} ${value}`);
      await writeFile(file, [`FROM ${gguf}`, ...lines, ""].join("\n"));
      await promisify(execFile)(program, ["create", name, "-f", file], {
        env: { ...environment, OLLAMA_HOST: address },
      });
    },
    killRunners: () => killOthersOfGroup(pid),
    async kill() {
      await group?.kill();
      group = undefined;
    },
    async startAgain() {
      if (group) throw new Error("This Ollama is still running.");
      await start();
      pid = group!.pid;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function killOthersOfGroup(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,pgid="]);
  const others = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pid, pgid]) => pgid === group && pid !== group);
  for (const [pid] of others) process.kill(pid!, "SIGKILL");
  return others.length;
}
