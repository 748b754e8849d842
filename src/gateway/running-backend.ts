import type { AnyBackendDefinition, Backend, Health, Log, Model } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import type { Interest, Prepared, Release, TargetBackend } from "../pipeline/call.ts";
import type { BackendState, PrivacyClass } from "./api.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { createModelList, type ModelList } from "./model-list.ts";
import { shareWork, type SharedWork } from "./shared-work.ts";

/** A configured backend as the gateway keeps it and the pipeline asks it. */
export interface RunningBackend extends TargetBackend {
  readonly definition: AnyBackendDefinition;
  readonly backend: Backend;
  readonly lifecycle: Lifecycle;
  readonly models: ModelList;
  readonly privacy: PrivacyClass;
  isLoaded(model: string): boolean;
  pull(model: string, interest: Interest, sha256?: string): Promise<void>;
  unload(model: string): Promise<void>;
  remove(model: string): Promise<void>;
  health(signal: AbortSignal): Promise<Health>;
  /** Shuts it down once its calls have ended, or at once when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface RunningBackendOptions {
  readonly definition: AnyBackendDefinition;
  readonly configured: ConfiguredBackend;
  /** Makes the backend; `onLost` says that all its models have left memory. */
  readonly create: (onLost: () => void) => Backend;
  readonly memory: MemoryBudget;
  readonly log: Log;
  readonly fetch: typeof fetch;
  /** Whether a model's missing weights may be fetched unasked. */
  readonly mayPull: (model: string) => boolean;
  readonly onState: (state: BackendState, reason?: string) => void;
  readonly onModels: () => void;
}

export function runBackend(options: RunningBackendOptions): RunningBackend {
  const { definition, configured, memory, log, mayPull, onState } = options;
  const { name, settings } = configured;
  const pulls = new Map<string, SharedWork<void>>();
  const loads = new Map<string, SharedWork<void>>();

  const backend = options.create(() => {
    memory.forget(name);
    changed();
  });
  const lifecycle = createLifecycle(name, backend, onState);
  const models = createModelList(name, backend);

  function changed(): void {
    models.forget();
    options.onModels();
  }

  function unable(what: string, model: string): ModelyardError {
    return new ModelyardError("capability-not-supported", `${name} can't ${what} models.`, {
      backend: name,
      model,
    });
  }

  function pull(model: string, interest: Interest, sha256?: string): Promise<void> {
    return join(pulls, model, interest, async ({ signal, progress }) => {
      if (backend.pull === undefined) throw unable("fetch", model);
      try {
        for await (const event of backend.pull(model, { signal, sha256 })) progress(event);
      } finally {
        changed();
      }
    });
  }

  async function ensureInstalled(
    model: string,
    found: Model | undefined,
    interest: Interest,
  ): Promise<void> {
    if (found?.installed !== false) return;
    if (mayPull(model)) return pull(model, interest);
    throw new ModelyardError("model-not-found", `The weights of ${name}/${model} are not here.`, {
      backend: name,
      model,
      remedy: `Fetch them with \`modelyard pull ${model}\`.`,
    });
  }

  function load(model: string, found: Model | undefined, interest: Interest): Promise<void> {
    return join(loads, model, interest, async ({ signal, progress }) => {
      const resident = {
        backend: name,
        model,
        bytes: found?.memoryBytes ?? found?.sizeBytes ?? 0,
        async unload() {
          await backend.unload?.(model);
          changed();
        },
      };
      await memory.admit(resident, signal);
      try {
        const loaded = await backend.load?.(model, { signal, progress });
        resident.bytes = loaded?.memoryBytes ?? resident.bytes;
      } catch (error) {
        memory.forget(name, model);
        throw error;
      }
      changed();
    });
  }

  const isResident = (model: string) =>
    backend.load === undefined || (memory.has(name, model) && !loads.has(model));

  function hold(model: string): Release {
    const letGo = memory.hold(name, model);
    const leave = lifecycle.enter();
    return () => {
      letGo();
      leave();
    };
  }

  async function prepareSlowly(
    capability: AnyCapability,
    model: string,
    interest: Interest,
  ): Promise<Prepared> {
    const leave = lifecycle.enter();
    try {
      await lifecycle.start(interest);
      const found = await models.find(model);
      const { handler } = models.handlerFor(capability, model, found);
      await ensureInstalled(model, found, interest);
      // Another model's load may push this one out again before it is held.
      while (!isResident(model)) await load(model, found, interest);
      return { handler, release: hold(model) };
    } finally {
      leave();
    }
  }

  return {
    name,
    definition,
    backend,
    lifecycle,
    models,
    log,
    pull,
    fetch: options.fetch,
    timeouts: settings.timeouts,
    maxConcurrent: settings.maxConcurrent,
    maxQueue: settings.maxQueue,
    privacy: definition.sends === "nothing" ? "device" : "remote",

    prepare(capability, model, interest) {
      const known = models.known(model);
      if (lifecycle.state !== "ready" || known === undefined || !isResident(model)) {
        return prepareSlowly(capability, model, interest);
      }
      const { handler } = models.handlerFor(capability, model, known.model);
      return { handler, release: hold(model) };
    },

    isLoaded: (model) => memory.has(name, model),
    unload: (model) => memory.evict(name, model),

    async remove(model) {
      await models.find(model);
      if (backend.remove === undefined) throw unable("delete", model);
      await memory.evict(name, model);
      try {
        await backend.remove(model);
      } finally {
        changed();
      }
    },

    async health(signal) {
      const { failure } = lifecycle;
      if (failure !== undefined) return { status: "unhealthy", reason: failure.message };
      try {
        return (await backend.healthCheck?.(signal)) ?? { status: "healthy" };
      } catch (error) {
        return { status: "unhealthy", reason: toModelyardError(error).message };
      }
    },

    async stop(signal) {
      await lifecycle.stop(signal);
      memory.forget(name);
    },
  };
}

/** One piece of work for each model, shared by all who need it. */
function join(
  works: Map<string, SharedWork<void>>,
  model: string,
  interest: Interest,
  work: (interest: Interest) => Promise<void>,
): Promise<void> {
  let current = works.get(model);
  if (current === undefined) {
    current = shareWork(work, () => works.delete(model));
    works.set(model, current);
  }
  return current.join(interest);
}
