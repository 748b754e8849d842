import type {
  AnyBackendDefinition,
  Backend,
  BackendSetup,
  Isolation,
  Log,
  Model,
  PullResult,
} from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { cannotBeMade } from "../contract/create-backend.ts";
import { isModelyardError, type ModelyardError } from "../contract/errors.ts";
import { orAborted } from "../contract/abort.ts";
import type { Interest } from "../contract/progress.ts";
import { createCircuits, type CircuitState } from "../pipeline/circuits.ts";
import { createHandlersAtWork } from "../pipeline/handlers-at-work.ts";
import { createPlaces } from "../pipeline/places.ts";
import { createRetryBudget } from "../pipeline/retry-budget.ts";
import { createTargetRecords } from "../pipeline/target-records.ts";
import type { Prepared, TargetBackend } from "../pipeline/call.ts";
import { createSecrets } from "../contract/http/secrets.ts";
import { secretsOfSettings } from "../contract/http/secrets-of-settings.ts";
import type { Lookup } from "../contract/http/class-of-url.ts";
import { narrowestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import type { GuardedFetch, GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { BackendState } from "./api.ts";
import type { HealthReport } from "./assess-target.ts";
import { checkAnswers } from "./check-answers.ts";
import { createBackendHealth } from "./backend-health.ts";
import { createBackendPrivacy } from "./backend-privacy.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import { createOrFail } from "./create-or-fail.ts";
import { excluded, holdWithin } from "./hold-within.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { createModelList, type ModelList } from "./model-list.ts";
import { createModelPrivacy } from "./model-privacy.ts";
import { createModelWeights } from "./model-weights.ts";
import { createPatience, type Patiently } from "./patience.ts";
import { placementOf } from "./placement-of.ts";
import { redactedLog, redactErrors } from "./redact-errors.ts";

/** A configured backend as the gateway keeps it and the pipeline asks it. */
export interface RunningBackend extends TargetBackend {
  readonly definition: AnyBackendDefinition;
  /** What it was made from. */
  readonly configured: ConfiguredBackend;
  readonly backend: Backend;
  readonly lifecycle: Lifecycle;
  readonly models: ModelList;
  /** The address that it sends to, as it is configured. */
  readonly url: string | undefined;
  /** Nobody configured it: it was found running. */
  readonly discovered: ConfiguredBackend["discovered"];
  /** How far its prompts travel, as its address says, or its configuration. At once where that is known. */
  privacy(): PrivacyClass | Promise<PrivacyClass>;
  /** Why it is asked for nothing by those who may go this far, and as far as the configuration allows; undefined where it may be. */
  excluded(limit?: PrivacyClass): Promise<ModelyardError | undefined>;
  /** As its calls and probes have told. */
  readonly currentHealth: HealthReport;
  /** Of one model. */
  healthOf(model: string): HealthReport;
  /** What its loaded models take. */
  readonly memoryBytes: number;
  isLoaded(model: string): boolean;
  pull(model: string, interest: Interest, sha256?: string): Promise<PullResult>;
  unload(model: string): Promise<void>;
  remove(model: string, interest: Interest): Promise<void>;
  health(signal: AbortSignal): Promise<HealthReport>;
  /** Shuts it down once its calls have ended, or at once when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface RunningBackendOptions {
  readonly definition: AnyBackendDefinition;
  readonly configured: ConfiguredBackend;
  /** `guard`: what its `fetch` was opened with, for one that opens another elsewhere. `isolation`: as its definition wants it. */
  readonly create: (
    setup: BackendSetup<unknown>,
    guard: GuardedFetchOptions,
    isolation: Isolation | undefined,
  ) => Backend;
  /** All that there are, its own or not; the built-in ones where left out. */
  readonly capabilities?: readonly AnyCapability[] | undefined;
  /** Opens what it sends with. */
  readonly openFetch: (options: GuardedFetchOptions) => GuardedFetch;
  readonly memory: MemoryBudget;
  /** How far anything may go. */
  readonly allow: PrivacyClass;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Resolves names; the system's own where left out. */
  readonly lookup?: Lookup | undefined;
  readonly log: Log;
  /** The folder of the configuration file. */
  readonly directory: string | undefined;
  /** Whether a model's missing weights may be fetched unasked. */
  readonly mayPull: (model: string) => boolean;
  readonly onState: (state: BackendState, reason?: string) => void;
  /** The backend, or one of its models, is in another state of health than it was. */
  readonly onHealth: (health: HealthReport, model?: string) => void;
  readonly onCircuit: (model: string, state: CircuitState) => void;
  readonly onModels: () => void;
}

export function runBackend(options: RunningBackendOptions): RunningBackend {
  const { definition, configured, mayPull, onState, allow, environment, lookup } = options;
  const { capabilities = builtInCapabilities } = options;
  const { name, settings, options: config } = configured;
  const memory = options.memory.share(name);
  const secrets = createSecrets();
  for (const each of secretsOfSettings(config)) secrets.add(each);
  const log = redactedLog(options.log, secrets);
  const placement = placementOf(definition, configured);
  const { upstream, isolation } = placement;
  const { widest: privacy, reach } = createBackendPrivacy({
    placement,
    declared: settings.privacy,
    environment,
    lookup,
  });
  const guard: GuardedFetchOptions = {
    widest() {
      const own = privacy();
      if (!(own instanceof Promise)) return narrowestOf([own, allow]);
      return own.then((found) => narrowestOf([found, allow]));
    },
    environment,
    lookup,
    connectMs: settings.timeouts.connectMs,
    tls: upstream?.tls,
    secrets,
  };
  const { fetch, close: closeFetch } = options.openFetch(guard);

  function unloaded(model?: string): void {
    memory.forget(model);
    onChanged();
  }

  const { backend, failure } = createOrFail(() => {
    const { directory } = options;
    const setup = { name, config, directory, fetch, log, unloaded, secret: secrets.add };
    if (placement.fault !== undefined) throw cannotBeMade(name, placement.fault);
    const created = options.create(setup, guard, isolation);
    const held = holdWithin(redactErrors(created, secrets), { name, privacy, allow });
    return definition.fromPlugin === true ? checkAnswers(held, capabilities) : held;
  }, secrets);
  const handlersAtWork = createHandlersAtWork();
  const lifecycle = createLifecycle(
    name,
    backend,
    (state, reason) => {
      if (reason !== undefined) log.info(`${name} ${state}: ${reason}`);
      onState(state, reason);
    },
    handlersAtWork,
  );
  if (failure !== undefined) lifecycle.fail(failure);
  const models = createModelList(name, backend, {
    offers: settings.capabilities,
    capabilities,
  });
  const modelPrivacy = createModelPrivacy({
    name,
    reach,
    models,
    mayChange: upstream !== undefined,
  });
  const weights = createModelWeights({
    name,
    backend,
    memory,
    embedded: upstream === undefined,
    mayPull,
    onChanged,
  });

  const { circuitBreaker } = settings;
  const circuits = createCircuits({
    ...circuitBreaker,
    onChange(model, state) {
      // It closes some time after it has recovered, with the next call: that is old when it is said.
      if (state !== "closed") log.info(`${name}/${model}: its circuit is ${state}`);
      health.changed(model);
      options.onCircuit(model, state);
    },
  });
  const records = createTargetRecords((model) => health.changed(model));
  const health = createBackendHealth({
    name,
    backend,
    lifecycle,
    privacy: async () => privacy(),
    log,
    records,
    circuits,
    cooldownMs: circuitBreaker.cooldownMs,
    slowMs: settings.timeouts.firstTokenMs / 2,
    onChange: options.onHealth,
  });

  function onChanged(): void {
    models.forget();
    options.onModels();
  }

  /** The model as listed; one that is not listed is fetched, where the backend can and may. */
  async function locate(
    model: string,
    interest: Interest,
    patiently: Patiently,
  ): Promise<Model | undefined> {
    try {
      return await patiently(models.find(model), "list its models");
    } catch (error) {
      const missing = isModelyardError(error) && error.code === "model-not-found";
      if (!missing || backend.pull === undefined || !mayPull(model)) throw error;
      const pulled = await weights.pull(model, interest);
      return orAborted(models.find(pulled.name), interest.signal);
    }
  }

  async function exclusion(limit: PrivacyClass = "remote"): Promise<ModelyardError | undefined> {
    const within = narrowestOf([limit, allow]);
    return within === "remote" ? undefined : excluded(name, await privacy(), within);
  }

  async function admit(limit?: PrivacyClass): Promise<void> {
    const beyond = await exclusion(limit);
    if (beyond !== undefined) throw beyond;
  }

  async function prepareSlowly(
    capability: AnyCapability,
    model: string,
    interest: Interest,
    limit: PrivacyClass,
    firstTokenMs = settings.timeouts.firstTokenMs,
  ): Promise<Prepared> {
    await admit(limit);
    health.attend();
    const limitMs = Math.min(firstTokenMs, settings.timeouts.totalMs);
    const patiently = createPatience(name, limitMs, interest.signal);
    await lifecycle.start(interest, patiently);
    const found = await locate(model, interest, patiently);
    modelPrivacy.hold(model, found, limit);
    const { handler } = models.handlerFor(capability, model, found);
    const release = await weights.makeReady(found?.name ?? model, found, interest);
    return { handler, release };
  }

  /** Does something to a model that is no call; the backend stays until it is done. */
  async function attend<Result>(interest: Interest, work: () => Promise<Result>): Promise<Result> {
    const leave = lifecycle.enter();
    try {
      await admit();
      await lifecycle.start(interest);
      return await work();
    } finally {
      leave();
    }
  }

  return {
    name,
    type: definition.type,
    definition,
    configured,
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
    circuits,
    handlersAtWork,
    retryBudget: createRetryBudget(),
    records,
    privacy,
    excluded: exclusion,
    privacyOf: modelPrivacy.of,
    contextTokensOf: (model) => models.known(model)?.model?.contextTokens,
    get currentHealth() {
      return health.current;
    },
    healthOf: health.of,
    get memoryBytes() {
      return memory.usedBytes;
    },

    prepare(capability, model, interest, limit, firstTokenMs) {
      const known = modelPrivacy.isCertain(limit) ? models.known(model) : undefined;
      const name = known?.model?.name ?? model;
      if (lifecycle.state !== "ready" || known === undefined || !weights.ready(name, known.model))
        return prepareSlowly(capability, model, interest, limit, firstTokenMs);
      modelPrivacy.hold(model, known.model, limit);
      const { handler } = models.handlerFor(capability, model, known.model);
      return { handler, release: weights.hold(name) };
    },

    failed({ code }) {
      if (code === "model-not-found") models.forget();
      if (code === "backend-unavailable") health.hurry();
    },

    pull: (model, interest, sha256) =>
      attend(interest, () => weights.pull(model, interest, sha256)),

    isLoaded: memory.has,
    unload: memory.evict,

    remove: (model, interest) =>
      attend(interest, async () => {
        await models.find(model);
        await weights.remove(model);
      }),

    async health(signal) {
      const beyond = await exclusion();
      if (beyond !== undefined) return { status: "unhealthy", reason: beyond.message };
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
