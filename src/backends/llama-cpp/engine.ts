import { availableParallelism } from "node:os";
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

/** One less than there are cores: ggml's threads spin, and one too many makes it a hundred times slower. */
export function threadsOf({ threads }: Pick<LlamaCppConfig, "threads">): number {
  return threads ?? Math.max(1, availableParallelism() - 1);
}

/**
 * Starts llama.cpp. Each start is a new instance, so a backend keeps the one it has.
 * @throws ModelyardError `backend-unavailable` where the binaries are missing or do not fit this machine.
 */
export async function startEngine(config: LlamaCppConfig, log: Log): Promise<Engine> {
  const listeners = new Set<string[]>();
  const threads = threadsOf(config);
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
        await result.then(undefined, () => undefined);
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
