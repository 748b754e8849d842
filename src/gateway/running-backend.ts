import type {
  AnyBackendDefinition,
  Backend,
  BackendSetup,
  Health,
  Log,
  PullResult,
} from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { toModelyardError } from "../contract/errors.ts";
import { abortError, orAborted } from "../contract/abort.ts";
import type { Interest } from "../contract/progress.ts";
import type { Prepared, Release, TargetBackend } from "../pipeline/call.ts";
import type { BackendState, PrivacyClass } from "./api.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { createModelList, type ModelList } from "./model-list.ts";
import { createModelWeights } from "./model-weights.ts";

/** A configured backend as the gateway keeps it and the pipeline asks it. */
export interface RunningBackend extends TargetBackend {
  readonly definition: AnyBackendDefinition;
  readonly backend: Backend;
  readonly lifecycle: Lifecycle;
  readonly models: ModelList;
  readonly privacy: PrivacyClass;
  isLoaded(model: string): boolean;
  pull(model: string, interest: Interest, sha256?: string): Promise<PullResult>;
  unload(model: string): Promise<void>;
  remove(model: string, interest: Interest): Promise<void>;
  health(signal: AbortSignal): Promise<Health>;
  /** Shuts it down once its calls have ended, or at once when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface RunningBackendOptions {
  readonly definition: AnyBackendDefinition;
  readonly configured: ConfiguredBackend;
  readonly create: (unloaded: BackendSetup<unknown>["unloaded"]) => Backend;
  readonly memory: MemoryBudget;
  readonly log: Log;
  readonly fetch: typeof fetch;
  /** Whether a model's missing weights may be fetched unasked. */
  readonly mayPull: (model: string) => boolean;
  readonly onState: (state: BackendState, reason?: string) => void;
  readonly onModels: () => void;
}

export function runBackend(options: RunningBackendOptions): RunningBackend {
  const { definition, configured, log, mayPull, onState } = options;
  const { name, settings } = configured;
  const memory = options.memory.share(name);

  const { backend, failure } = createOrFail(() =>
    options.create((model) => {
      memory.forget(model);
      onChanged();
    }),
  );
  const lifecycle = createLifecycle(name, backend, (state, reason) => {
    if (reason !== undefined) log.warn(`${name} ${state}: ${reason}`);
    onState(state, reason);
  });
  if (failure !== undefined) lifecycle.fail(toModelyardError(failure, "backend-unavailable"));
  const models = createModelList(name, backend);
  const weights = createModelWeights({ name, backend, memory, mayPull, onChanged });

  function onChanged(): void {
    models.forget();
    options.onModels();
  }

  async function prepareSlowly(
    capability: AnyCapability,
    model: string,
    interest: Interest,
  ): Promise<Prepared> {
    const leave = lifecycle.enter();
    try {
      await lifecycle.start(interest);
      const found = await orAborted(models.find(model), interest.signal);
      const { handler } = models.handlerFor(capability, model, found);
      const letGo = await weights.makeReady(model, found, interest);
      return { handler, release: both(letGo, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    name,
    definition,
    backend,
    lifecycle,
    models,
    log,
    fetch: options.fetch,
    timeouts: settings.timeouts,
    maxConcurrent: settings.maxConcurrent,
    maxQueue: settings.maxQueue,
    privacy: sendsNothing(definition, configured.options) ? "device" : "remote",

    prepare(capability, model, interest) {
      const known = models.known(model);
      if (lifecycle.state !== "ready" || known === undefined || !weights.ready(model, known.model))
        return prepareSlowly(capability, model, interest);
      const { handler } = models.handlerFor(capability, model, known.model);
      return { handler, release: both(weights.hold(model), lifecycle.enter()) };
    },

    async pull(model, interest, sha256) {
      await lifecycle.start(interest);
      return weights.pull(model, interest, sha256);
    },

    isLoaded: memory.has,
    unload: memory.evict,

    async remove(model, interest) {
      await lifecycle.start(interest);
      await models.find(model);
      await weights.remove(model);
    },

    async health(signal) {
      if (lifecycle.failure !== undefined)
        return { status: "unhealthy", reason: lifecycle.failure.message };
      try {
        return (await orAborted(backend.healthCheck?.(signal), signal)) ?? { status: "healthy" };
      } catch (error) {
        const reason = signal.aborted ? abortError(signal) : toModelyardError(error);
        return { status: "unhealthy", reason: reason.message };
      }
    },

    async stop(signal) {
      await lifecycle.stop(signal);
      memory.forget();
    },
  };
}

function sendsNothing({ sends }: AnyBackendDefinition, config: unknown): boolean {
  return (typeof sends === "function" ? sends(config) : sends) === "nothing";
}

function both(letGo: Release, leave: Release): Release {
  return () => {
    letGo();
    leave();
  };
}

/** One that can't be made is there nevertheless, and says why to whoever asks: it must take nothing else down. */
function createOrFail(create: () => Backend): { backend: Backend; failure?: unknown } {
  try {
    return { backend: create() };
  } catch (failure) {
    const initialize = () => Promise.reject(failure);
    return { backend: { capabilities: {}, initialize }, failure };
  }
}
