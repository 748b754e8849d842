import { ModelyardError } from "../../../contract/errors.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { describe, type Task } from "../models/describe.ts";
import type { ModelFolder } from "../models/model-folder.ts";
import type { DescribedModel } from "../runtime.ts";
import { ofNoUse } from "../unable.ts";
import type { WorkerRequest } from "./worker-messages.ts";
import { threadsOf, type WorkerProcess } from "./worker-process.ts";

/** A model in the Python child's memory. */
export interface PythonModel extends DescribedModel {
  readonly folder: ModelFolder;
  readonly memoryBytes: number;
  dispose(): Promise<void>;
}

type LoadTask = Extract<WorkerRequest, { do: "load" }>["task"];

/** Reads a model into the child's memory. @throws what the child says of it */
export async function loadPythonModel(
  worker: WorkerProcess,
  folder: ModelFolder,
  config: HuggingFaceConfig,
  signal: AbortSignal,
): Promise<PythonModel> {
  const description = describe(folder);
  const { name } = folder;
  const { dtype } = config;
  const load: WorkerRequest = {
    do: "load",
    model: name,
    path: folder.path,
    task: taskOf(description.task, name),
    threads: threadsOf(config),
    ...(dtype === "fp32" || dtype === "fp16" ? { dtype } : {}),
    ...(description.contextTokens !== undefined && { window: description.contextTokens }),
  };
  const unload = async () => {
    const request = { do: "unload", model: name } as const;
    for await (const _ of worker.request(request, { signal: new AbortController().signal }));
  };
  try {
    for await (const event of worker.request(load, { signal })) {
      if (event.type !== "loaded") continue;
      const { pid } = worker;
      return {
        name,
        description,
        folder,
        memoryBytes: event.memoryBytes,
        async dispose() {
          // A child that has died took it along, and one that is leaving takes it soon.
          if (worker.pid === pid && worker.open) await unload();
        },
      };
    }
  } catch (error) {
    // Reading can't be stopped midway: it is let go right after.
    if (signal.aborted && worker.open && worker.pid !== undefined) await unload();
    throw error;
  }
  throw new ModelyardError(
    "invalid-response",
    `The Python worker did not say whether ${name} is loaded.`,
    { model: name },
  );
}

function taskOf(task: Task, name: string): LoadTask {
  switch (task.kind) {
    case "embedding":
    case "generation":
      return task.kind;
    case "classifier":
    case "entailment":
      return "sequence";
    case "other":
      throw ofNoUse(name, task.reason);
  }
}
