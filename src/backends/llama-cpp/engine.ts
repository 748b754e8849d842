import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Llama } from "node-llama-cpp";
import type { Log } from "../../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../../contract/errors.ts";
import type { LlamaCppConfig } from "./config.ts";
import { loadLibrary, type LlamaLibrary } from "./library.ts";

export interface Engine {
  library: LlamaLibrary;
  llama: Llama;
  threads: number;
  /** What the native side said while `work` ran: its errors carry no reason, its log does. */
  listen<Result>(work: () => Promise<Result>): Promise<{ said: string[]; result: Promise<Result> }>;
}

const logDelayMs = 50;

/** One less than there are cores, and never more than those: ggml's threads spin, and one too many makes it a hundred times slower. */
function threadsOf({ threads }: Pick<LlamaCppConfig, "threads">): number {
  const cores = availableParallelism();
  return Math.min(threads ?? Math.max(1, cores - 1), cores);
}

/** The native side logs for the whole process, to whoever came last: so who listens is kept for the process as well. */
const listeners = new Set<string[]>();
const engines = new Map<string, Promise<Engine>>();

/**
 * llama.cpp, started once for all backends of a process that want it alike, and kept until the process ends.
 * @throws ModelyardError `backend-unavailable` where the binaries are missing or do not fit this machine.
 */
export function startEngine(config: LlamaCppConfig, log: Log): Promise<Engine> {
  const key = JSON.stringify([config.gpu, threadsOf(config)]);
  const there = engines.get(key);
  if (there !== undefined) return there;
  const starting = start(config, log);
  engines.set(key, starting);
  // binaries that are installed meanwhile are found at the next try
  starting.catch(() => engines.delete(key));
  return starting;
}

async function start(config: LlamaCppConfig, log: Log): Promise<Engine> {
  const threads = threadsOf(config);
  if (config.threads !== undefined && config.threads > threads)
    log.warn(
      `llama-cpp takes ${threads} of the ${config.threads} threads: there are no more cores.`,
    );
  try {
    const library = await loadLibrary();
    const { getLlama, LlamaLogLevel } = library;
    const llama = await getLlama({
      gpu: config.gpu,
      // never compile: a build takes minutes, and offline it hangs
      build: "never",
      skipDownload: true,
      progressLogs: false,
      maxThreads: threads,
      logLevel: LlamaLogLevel.warn,
      logger: (level, message) => {
        const line = message.trim();
        if (line === "" || line === ".") return;
        for (const said of listeners) said.push(line);
        if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) log.error(line);
        else log.debug(line);
      },
    });
    return {
      library,
      llama,
      threads,
      async listen(work) {
        const said: string[] = [];
        listeners.add(said);
        const result = work();
        // what the native side said arrives a moment after its failure
        await result.then(undefined, () => pause(logDelayMs));
        listeners.delete(said);
        return { said, result };
      },
    };
  } catch (error) {
    if (error instanceof Error && error.name === "NoBinaryFoundError") {
      throw new ModelyardError(
        "backend-unavailable",
        "No llama.cpp binary fits this machine or the GPU that is configured.",
        { remedy: 'Set "gpu" to false, or install the binaries of node-llama-cpp.', cause: error },
      );
    }
    throw toModelyardError(error, "backend-unavailable");
  }
}
