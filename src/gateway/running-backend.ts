import type {
  AnyBackendDefinition,
  Backend,
  BackendSetup,
  Health,
  Log,
  Model,
  PullResult,
} from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { isModelyardError, toModelyardError } from "../contract/errors.ts";
import { orAborted } from "../contract/abort.ts";
import type { Interest } from "../contract/progress.ts";
import { createCircuits } from "../pipeline/circuits.ts";
import { createPlaces } from "../pipeline/places.ts";
import { createRetryBudget } from "../pipeline/retry-budget.ts";
import { createTargetRecords } from "../pipeline/target-records.ts";
import type { Prepared, Release, TargetBackend } from "../pipeline/call.ts";
import { createSecrets, type Secrets } from "../contract/http/secrets.ts";
import { widestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import type { GuardedFetch, GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { BackendState } from "./api.ts";
import { createBackendHealth } from "./backend-health.ts";
import { createBackendPrivacy } from "./backend-privacy.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { createModelList, type ModelList } from "./model-list.ts";
import { createModelWeights } from "./model-weights.ts";
import { redactedLog, redactErrors } from "./redact-errors.ts";

/** A configured backend as the gateway keeps it and the pipeline asks it. */
export interface RunningBackend extends TargetBackend {
  readonly definition: AnyBackendDefinition;
  readonly backend: Backend;
  readonly lifecycle: Lifecycle;
  readonly models: ModelList;
  /** The address that it sends to, as it is configured. */
  readonly url: string | undefined;
  /** Nobody configured it: it was found running. */
  readonly discovered: ConfiguredBackend["discovered"];
  /** How far its prompts travel, as its address says. */
  privacy(): Promise<PrivacyClass>;
  /** As last probed; undefined where it never was. */
  readonly lastHealth: Health | undefined;
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
  readonly create: (setup: BackendSetup<unknown>) => Backend;
  /** Opens what it sends with. */
  readonly openFetch: (options: GuardedFetchOptions) => GuardedFetch;
  readonly memory: MemoryBudget;
  readonly log: Log;
  /** The folder of the configuration file. */
  readonly directory: string | undefined;
  /** Whether a model's missing weights may be fetched unasked. */
  readonly mayPull: (model: string) => boolean;
  readonly onState: (state: BackendState, reason?: string) => void;
  readonly onHealth: (health: Health) => void;
  readonly onModels: () => void;
}

export function runBackend(options: RunningBackendOptions): RunningBackend {
  const { definition, configured, mayPull, onState } = options;
  const { name, settings } = configured;
  const memory = options.memory.share(name);
  const secrets = createSecrets();
  const log = redactedLog(options.log, secrets);
  const privacy = createBackendPrivacy(definition, configured.options);
  const upstream = definition.upstream?.(configured.options);
  const { fetch, close: closeFetch } = options.openFetch({
    widest: privacy,
    connectMs: settings.timeouts.connectMs,
    tls: upstream?.tls,
    secrets,
  });

  function unloaded(model?: string): void {
    memory.forget(model);
    onChanged();
  }

  const { backend, failure } = createOrFail(() => {
    const created = options.create({
      name,
      config: configured.options,
      directory: options.directory,
      fetch,
      log,
      unloaded,
      secret: secrets.add,
    });
    return redactErrors(created, secrets);
  }, secrets);
  const lifecycle = createLifecycle(name, backend, (state, reason) => {
    if (reason !== undefined) log.info(`${name} ${state}: ${reason}`);
    onState(state, reason);
  });
  if (failure !== undefined) lifecycle.fail(toModelyardError(failure, "backend-unavailable"));
  const models = createModelList(name, backend);
  const weights = createModelWeights({
    name,
    backend,
    memory,
    embedded: upstream === undefined,
    mayPull,
    onChanged,
  });

  const health = createBackendHealth({
    name,
    backend,
    lifecycle,
    privacy,
    log,
    onChange: options.onHealth,
  });

  function onChanged(): void {
    models.forget();
    options.onModels();
  }

  /** The model as listed; one that is not listed is fetched, where the backend can and may. */
  async function locate(model: string, interest: Interest): Promise<Model | undefined> {
    try {
      return await orAborted(models.find(model), interest.signal);
    } catch (error) {
      const missing = isModelyardError(error) && error.code === "model-not-found";
      if (!missing || backend.pull === undefined || !mayPull(model)) throw error;
      const pulled = await weights.pull(model, interest);
      return orAborted(models.find(pulled.name), interest.signal);
    }
  }

  async function prepareSlowly(
    capability: AnyCapability,
    model: string,
    interest: Interest,
  ): Promise<Prepared> {
    const leave = lifecycle.enter();
    health.attend();
    try {
      await lifecycle.start(interest);
      const found = await locate(model, interest);
      const { handler } = models.handlerFor(capability, model, found);
      const letGo = await weights.makeReady(found?.name ?? model, found, interest);
      return { handler, release: both(letGo, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    name,
    type: definition.type,
    definition,
    backend,
    lifecycle,
    models,
    url: upstream?.url,
    discovered: configured.discovered,
    log,
    fetch,
    secrets,
    timeouts: settings.timeouts,
    attempts: settings.retry.attempts,
    places: createPlaces({ name, ...settings }),
    circuits: createCircuits(settings.circuitBreaker),
    retryBudget: createRetryBudget(),
    records: createTargetRecords(),
    privacy,
    async privacyOf(model) {
      const listed = models.known(model)?.model?.privacy ?? "device";
      return widestOf([await privacy(), listed]);
    },
    contextTokensOf: (model) => models.known(model)?.model?.contextTokens,
    get lastHealth() {
      return health.latest;
    },

    prepare(capability, model, interest) {
      const known = models.known(model);
      const name = known?.model?.name ?? model;
      if (lifecycle.state !== "ready" || known === undefined || !weights.ready(name, known.model))
        return prepareSlowly(capability, model, interest);
      const { handler } = models.handlerFor(capability, model, known.model);
      return { handler, release: both(weights.hold(name), lifecycle.enter()) };
    },

    failed({ code }) {
      if (code === "model-not-found") models.forget();
      if (code === "backend-unavailable") health.hurry();
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

    health(signal) {
      health.attend();
      return health.ask(signal);
    },

    async stop(signal) {
      health.stop();
      await lifecycle.stop(signal);
      await closeFetch();
      memory.forget();
    },
  };
}

function both(letGo: Release, leave: Release): Release {
  return () => {
    letGo();
    leave();
  };
}

/** One that can't be made is there nevertheless, and says why to whoever asks: it must take nothing else down. */
function createOrFail(
  create: () => Backend,
  { redactError }: Secrets,
): { backend: Backend; failure?: unknown } {
  try {
    return { backend: create() };
  } catch (error) {
    const failure = redactError(error);
    const initialize = () => Promise.reject(failure);
    return { backend: { capabilities: {}, initialize }, failure };
  }
}
