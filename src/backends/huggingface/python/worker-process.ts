import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Log } from "../../../contract/backend.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import {
  createJsonLinesProcess,
  type JsonLinesProcess,
} from "../../../contract/json-lines-process.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { parseWorkerEvent, type WorkerEvent, type WorkerRequest } from "./worker-messages.ts";

/** The Python child that computes, started by the first request. */
export interface WorkerProcess {
  /** @throws what the child answers, `backend-unavailable` where there is no Python or it lacks a package */
  request(
    message: WorkerRequest,
    options: { signal: AbortSignal },
  ): AsyncGenerator<WorkerEvent, void>;
  /** Of the child that runs now. */
  readonly pid: number | undefined;
  /** Whether it takes requests: false once it is being closed. */
  readonly open: boolean;
  close(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly name: string;
  readonly config: Pick<HuggingFaceConfig, "threads">;
  /** The Python to run. */
  interpreter(signal: AbortSignal): Promise<string>;
  readonly log: Log;
  /** The child is gone, and all models with it. */
  onGone(): void;
}

const script = fileURLToPath(new URL("./worker.py", import.meta.url));

/** CPU threads for the libraries. */
export function threadsOf({ threads }: Pick<HuggingFaceConfig, "threads">): number {
  const cores = availableParallelism();
  return Math.min(threads ?? Math.max(1, cores - 1), cores);
}

/** Makes the worker; nothing runs yet. */
export function createWorkerProcess({
  name,
  config,
  interpreter,
  log,
  onGone,
}: WorkerProcessOptions): WorkerProcess {
  let found: JsonLinesProcess | undefined;
  let closed = false;

  async function start(signal: AbortSignal): Promise<JsonLinesProcess> {
    if (found !== undefined) return found;
    const command = await interpreter(signal);
    if (closed) throw new ModelyardError("cancelled", `${name} is shutting down.`);
    const threads = String(threadsOf(config));
    // Another request may have found it meanwhile.
    found ??= createJsonLinesProcess({
      name: `The Python of ${name}`,
      command,
      // Nothing is written beside the script, which may lie where nothing may be written.
      args: ["-B", "-u", script],
      env: {
        OMP_NUM_THREADS: threads,
        MKL_NUM_THREADS: threads,
        TOKENIZERS_PARALLELISM: "false",
        // Weights are fetched by us, into the folder that we know of.
        HF_HUB_OFFLINE: "1",
        HF_HUB_DISABLE_TELEMETRY: "1",
      },
      log,
      onGone,
    });
    return found;
  }

  return {
    async *request(message, { signal }) {
      const started = await start(signal);
      for await (const event of started.request(message, { signal })) yield parseWorkerEvent(event);
    },
    get pid() {
      return found?.pid;
    },
    get open() {
      return !closed;
    },
    async close() {
      closed = true;
      await found?.close();
    },
  };
}
