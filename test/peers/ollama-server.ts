import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ollamaProgram } from "./ollama-program.ts";
import { startProcessGroup, type ProcessGroup } from "./process-group.ts";

export interface OllamaServerOptions {
  /** The folder of its keys. */
  home: string;
  /** The folder of its models. */
  store: string;
  /** Added to its environment, which has nothing of this process's but the path. */
  environment?: Record<string, string>;
  /** Left out: any that is free. */
  port?: number;
  /** Done once it was stopped for good. */
  onStop?: () => Promise<void>;
}

export interface OllamaServer extends AsyncDisposable {
  /** Its address without a path; the same after a new start. */
  readonly url: string;
  /** Of the process that runs, or ran last. */
  readonly pid: number;
  /** The folder of its models. */
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
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Starts a real Ollama in folders that are given, and waits until it answers. It ends with this process. */
export async function startOllamaServer(options: OllamaServerOptions): Promise<OllamaServer> {
  const { home, store, port = 0 } = options;
  const program = await ollamaProgram();
  let address = `127.0.0.1:${port}`;
  const environment = () => ({
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    OLLAMA_MODELS: store,
    OLLAMA_HOST: address,
    ...options.environment,
  });
  const start = async () => {
    const group = await startProcessGroup(program, ["serve"], environment());
    try {
      const [, listening] = await group.untilSaid(/Listening on (127\.0\.0\.1:\d+)/);
      address = listening!;
      await fetch(`http://${address}/api/version`, { headers: { connection: "close" } });
      return group;
    } catch (error) {
      await group.kill();
      throw error;
    }
  };
  let pid = 0;
  let running: ProcessGroup | undefined;
  const startAgain = async () => {
    if (running) throw new Error("This Ollama is still running.");
    running = await start();
    pid = running.pid;
  };
  await startAgain();
  const stop = async () => {
    await running?.stop();
    running = undefined;
    await options.onStop?.();
  };
  return {
    url: `http://${address}`,
    store,
    get pid() {
      return pid;
    },
    async createModel(name, gguf, parameters = {}) {
      const file = join(home, "Modelfile");
      const lines = Object.entries(parameters).map(([key, value]) => `PARAMETER ${key} ${value}`);
      await writeFile(file, [`FROM ${gguf}`, ...lines, ""].join("\n"));
      const env = environment();
      await promisify(execFile)(program, ["create", name, "-f", file], { env });
    },
    killRunners: () => killOthersOfGroup(pid),
    startAgain,
    async kill() {
      await running?.kill();
      running = undefined;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function killOthersOfGroup(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,pgid=,stat="]);
  const others = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, pgid, stat]) => {
      const isZombie = stat?.startsWith("Z");
      return Number(pgid) === group && Number(pid) !== group && !isZombie;
    });
  for (const [pid] of others) process.kill(Number(pid), "SIGKILL");
  return others.length;
}
