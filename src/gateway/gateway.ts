import { randomUUID } from "node:crypto";
import type { AnyBackendDefinition, Backend, BackendSetup, Log } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Interest, Progress } from "../contract/progress.ts";
import { validate } from "../contract/validate.ts";
import type { Reply } from "../pipeline/call.ts";
import type { Lookup } from "../contract/http/class-of-url.ts";
import { narrowestOf } from "../contract/http/privacy-class.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { createStory } from "../pipeline/story.ts";
import type { AnswerOrigin, CallOptions, Gateway } from "./api.ts";
import { createCallsUnderWay } from "./calls-under-way.ts";
import type { Configuration, ConfiguredBackend } from "./configuration.ts";
import { urlsByName } from "./discovery/urls-by-name.ts";
import { createDiscovery } from "./discovery/discovery.ts";
import { resolveFound } from "./discovery/resolve-found.ts";
import { callSafely, createGatewayEvents } from "./gateway-events.ts";
import { listBackends, listModels } from "./lists.ts";
import { createLazyFetch } from "./lazy-fetch.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import { createModelNames } from "./model-names.ts";
import { isReference, leadsAnywhere } from "./reference.ts";
import { createRecentCalls } from "./recent-calls.ts";
import { createRegistry } from "./registry.ts";
import { resolveInTime } from "./resolve-in-time.ts";
import { runBackend, type RunningBackend } from "./running-backend.ts";
import { usableMemoryBytes } from "./usable-memory-bytes.ts";

/** How long what was found running is believed to be there, and nothing else, by those who make lists. */
const listLifetimeMs = 10_000;

export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  /** The folder of the configuration file, where it came from one. */
  readonly directory?: string | undefined;
  readonly log: Log;
  /** Puts the process wall around a backend whose definition asks for it. */
  readonly isolate?: (definition: AnyBackendDefinition, setup: BackendSetup<unknown>) => Backend;
  /** Opens what a backend sends with. */
  readonly openFetch?: typeof createLazyFetch;
  /** Resolves names; the system's own where left out. */
  readonly lookup?: Lookup | undefined;
}

/** A gateway that also lets backends come and go. */
export interface ManagedGateway extends Gateway {
  /** Takes a backend in while the gateway runs; one of the same name ends once its calls have. */
  addBackend(definition: AnyBackendDefinition, configured: ConfiguredBackend): Promise<void>;
  /** Takes a backend out; it ends once its calls have. */
  removeBackend(name: string): Promise<void>;
}

/** Resolves names, keeps backends alive, and is all that a face sees. Nothing is started until it is needed. */
export function createGateway({
  configuration,
  definitions,
  directory,
  log,
  isolate,
  openFetch = createLazyFetch,
  lookup,
}: GatewayOptions): ManagedGateway {
  const capabilities: ReadonlyMap<string, AnyCapability> = new Map(
    builtInCapabilities.map((each) => [each.name, each]),
  );
  const events = createGatewayEvents(log);
  const registry = createRegistry(definitions);
  const discovery = configuration.discover
    ? createDiscovery({
        definitions,
        registry,
        log,
        configuredUrls: [...urlsByName(configuration, definitions).values()],
        add: (definition, configured) => void take(definition, configured),
        remove: (name) => void leave(name),
      })
    : undefined;
  const known = createModelNames(configuration, registry);
  const names = discovery === undefined ? known : resolveFound(known, discovery);
  const memory = createMemoryBudget({
    budgetBytes: configuration.memory.budget ?? Math.floor(0.7 * usableMemoryBytes()),
    idleMs: configuration.memory.idleMs,
    onError: (error) => log.error(`Unloading failed: ${toModelyardError(error).message}`),
  });
  const recent = createRecentCalls();
  const pipeline = createPipeline({
    onTrace(trace) {
      recent.add(trace);
      events.emit("call", trace);
    },
  });
  const underWay = createCallsUnderWay();
  let closing: Promise<void> | undefined;

  function start(definition: AnyBackendDefinition, configured: ConfiguredBackend): RunningBackend {
    const { name, settings, options } = configured;
    return runBackend({
      definition,
      configured,
      memory,
      log,
      openFetch,
      allow: configuration.privacy.allow,
      lookup,
      directory,
      create: (setup) =>
        isolate !== undefined && isIsolated(definition, options)
          ? isolate(definition, setup)
          : definition.create(setup),
      mayPull: (model) => settings.autoPull ?? names.isNamed({ backend: name, model }),
      onState: (state, reason) =>
        events.emit("state", { backend: name, state, ...(reason === undefined ? {} : { reason }) }),
      onHealth: ({ status, reason }) =>
        events.emit("health", {
          backend: name,
          status,
          ...(reason === undefined ? {} : { reason }),
        }),
      onModels: () => events.emit("models"),
    });
  }

  function take(definition: AnyBackendDefinition, configured: ConfiguredBackend): Promise<void> {
    const ended = registry.add(start(definition, configured));
    events.emit("models");
    return ended;
  }

  async function leave(name: string): Promise<void> {
    const ended = registry.remove(name);
    events.emit("models");
    await ended;
  }

  /** The backends, those too that are found running. */
  async function lookAround(): Promise<readonly RunningBackend[]> {
    await discovery?.look(listLifetimeMs);
    return registry.all;
  }

  function definitionOf(type: string): AnyBackendDefinition {
    const definition = definitions.find((each) => each.type === type);
    if (definition !== undefined) return definition;
    throw new ModelyardError("invalid-config", `Unknown type of backend: ${JSON.stringify(type)}.`);
  }

  for (const configured of configuration.backends) {
    if (configured.settings.enabled)
      void registry.add(start(definitionOf(configured.settings.type), configured));
  }

  function capabilityOf(name: string, stream: boolean): AnyCapability {
    const capability = capabilities.get(name);
    if (capability !== undefined) {
      if (!stream || capability.event !== undefined) return capability;
      const message = `${name} answers at once and can't be streamed.`;
      throw new ModelyardError("invalid-request", message);
    }
    throw new ModelyardError(
      "invalid-request",
      `There is no capability ${JSON.stringify(name)}.${didYouMean(name, capabilities.keys())}`,
    );
  }

  function teller(onProgress: CallOptions["onProgress"]): (event: Progress) => void {
    if (onProgress === undefined) return () => {};
    return (event) => callSafely(() => onProgress(event), "a listener of progress", log);
  }

  async function run(
    name: string,
    input: unknown,
    stream: boolean,
    options: CallOptions,
  ): Promise<{ origin: Omit<AnswerOrigin, "target">; reply: Reply }> {
    const { controller, leave } = underWay.enter(options.signal);
    try {
      const capability = capabilityOf(name, stream);
      const request = validate(capability.request, input, { what: `${name} request` });
      const { id = randomUUID() } = options;
      const wanted = checkedTimeout(options.timeoutMs);
      const privacy = narrowestOf([
        configuration.privacy.allow,
        options.privacy ?? "remote",
        options.caller?.privacy ?? "remote",
      ]);
      const found = names.resolve(options.model, capability, privacy);
      const { resolved, timeoutMs } =
        found instanceof Promise
          ? await resolveInTime(found, controller, wanted)
          : { resolved: found, timeoutMs: wanted };
      const { targets, routing } = resolved;
      const { target, backend } = targets[0]!;
      const warnings: string[] = [];
      const story = createStory();
      const reply = await pipeline({
        id,
        capability,
        request,
        requested: options.model,
        target,
        backend,
        candidates: targets,
        routing,
        privacy: narrowestOf([privacy, resolved.privacy ?? "remote"]),
        caller: options.caller?.name,
        story,
        stream,
        warnings,
        timeoutMs: shorter(timeoutMs, resolved.timeoutMs),
        timeouts: resolved.timeouts,
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        progress: teller(options.onProgress),
      });
      reply.onEnd(leave);
      return { origin: { id, attempts: story.attempts, warnings }, reply };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function targetOf(name: string): Promise<{ backend: RunningBackend; model: string }> {
    const { targets } = await names.resolve(name);
    const { backend, target } = targets[0]!;
    return { backend, model: target.model };
  }

  async function refuseUnlisted(name: string, signal: AbortSignal): Promise<void> {
    const listed = await listModels(registry.all, configuration, capabilities, { signal });
    if (listed.some((entry) => entry.name === name)) return;
    const message = `Only listed models and hf: references may be fetched from here: ${JSON.stringify(name)} is a path or a URL.`;
    const remedy = "Fetch it on the command line: modelyard pull …";
    throw new ModelyardError("forbidden", message, { remedy });
  }

  /** The backend that a reference to weights is meant for: the one that bears its type's name, or where it is switched off, another one. */
  function takerOf(reference: string): RunningBackend {
    const definition = definitions.find((each) => each.takesReference?.(reference) === true);
    if (definition === undefined) {
      const message = `No kind of backend takes ${JSON.stringify(reference)}.`;
      throw new ModelyardError("invalid-request", message);
    }
    const { type } = definition;
    const able = registry.all.filter((each) => each.definition.type === type);
    return able.find(({ name }) => name === type) ?? able[0] ?? registry.get(type);
  }

  /** Does something to a model that is no call, for as long as its caller wants it. */
  async function attend<Result>(
    options: { signal?: AbortSignal | undefined; onProgress?: CallOptions["onProgress"] },
    work: (interest: Interest) => Promise<Result>,
  ): Promise<Result> {
    const { controller, leave } = underWay.enter(options.signal);
    try {
      return await work({ signal: controller.signal, progress: teller(options.onProgress) });
    } finally {
      leave();
    }
  }

  return {
    capabilities,
    explain: recent.find,

    async call(capability, request, options = {}) {
      const { origin, reply } = await run(capability, request, false, options);
      return { ...origin, target: reply.target, result: reply.result };
    },

    async stream(capability, request, options = {}) {
      const { origin, reply } = await run(capability, request, true, options);
      if (reply.events === undefined)
        throw new ModelyardError("internal", "A streamed call gave no events.");
      return { ...origin, target: reply.target, events: reply.events };
    },

    models: async (options) => listModels(await lookAround(), configuration, capabilities, options),
    backends: async (options) => listBackends(await lookAround(), capabilities, options),

    pull: (name, { sha256, onlyListed = false, ...options } = {}) =>
      attend(options, async (interest) => {
        if (onlyListed && leadsAnywhere(name)) await refuseUnlisted(name, interest.signal);
        const { backend, model } = isReference(name)
          ? { backend: takerOf(name), model: name }
          : await targetOf(name);
        const pulled = await backend.pull(model, interest, sha256);
        return {
          model: `${backend.name}/${pulled.name}`,
          ...(pulled.sizeBytes === undefined ? {} : { sizeBytes: pulled.sizeBytes }),
          ...(pulled.sha256 === undefined ? {} : { digest: `sha256:${pulled.sha256}` }),
        };
      }),

    async unload(name) {
      const { backend, model } = await targetOf(name);
      await backend.unload(model);
    },

    remove: (name) =>
      attend({}, async (interest) => {
        const { backend, model } = await targetOf(name);
        await backend.remove(model, interest);
      }),

    on: events.on,

    addBackend: take,
    removeBackend: leave,

    close({ drainMs = configuration.server.drainMs } = {}) {
      discovery?.close();
      closing ??= underWay
        .close(drainMs)
        .then(() => registry.stop(AbortSignal.abort()))
        .finally(() => memory.close());
      return closing;
    },
  };
}

function isIsolated({ isolate }: AnyBackendDefinition, config: unknown): boolean {
  return (typeof isolate === "function" ? isolate(config) : isolate) !== undefined;
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function checkedTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs > 0) return timeoutMs;
  throw new ModelyardError("invalid-request", `timeoutMs must be above 0, found ${timeoutMs}.`);
}
