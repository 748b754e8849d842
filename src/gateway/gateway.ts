import { dirname } from "node:path";
import type { AnyBackendDefinition, Log } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { shuttingDown } from "../contract/shutting-down.ts";
import type { Progress } from "../contract/progress.ts";
import type { Lookup } from "../contract/http/class-of-url.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { Trace } from "../pipeline/trace.ts";
import { checkAdministrator } from "./administration/check-administrator.ts";
import { describeChange } from "./administration/describe-change.ts";
import { findOrphans } from "./administration/find-orphans.ts";
import { createLayers, type Plan } from "./administration/layers.ts";
import { describeOverlays } from "./administration/list-overlays.ts";
import type { CallOptions, CollectedAnswer, Gateway } from "./api.ts";
import { createCallsUnderWay } from "./calls-under-way.ts";
import { mayAsk } from "./check-caller.ts";
import type { Configuration, ConfiguredBackend } from "./configuration.ts";
import { urlsByName } from "./discovery/urls-by-name.ts";
import { createDiscovery } from "./discovery/discovery.ts";
import { findSame } from "./find-same.ts";
import { callSafely, createGatewayEvents } from "./gateway-events.ts";
import { listBackends, listModels } from "./lists.ts";
import { isServed } from "./is-served.ts";
import { createLazyFetch } from "../contract/http/lazy-fetch.ts";
import { createMemoryBudget, type MemoryLimits } from "./memory-budget.ts";
import { createModelUpkeep } from "./model-upkeep.ts";
import { createRecentCalls } from "./recent-calls.ts";
import { createRegistry } from "./registry.ts";
import { createCallRunner } from "./run-call.ts";
import type { RunningBackend } from "./running-backend.ts";
import { createSnapshot } from "./snapshot.ts";
import { createBackendStarter, type Wall } from "./backend-starter.ts";
import { usableMemoryBytes } from "./usable-memory-bytes.ts";

/** How long what was found running is believed to be there, and nothing else, by those who make lists. */
const listLifetimeMs = 10_000;

export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  /** The built-in ones where left out. */
  readonly capabilities?: readonly AnyCapability[] | undefined;
  /** The configuration file, where it came from one. */
  readonly file?: string | undefined;
  readonly log: Log;
  /** Puts the process wall around a backend whose definition, or configuration, asks for it. */
  readonly isolate?: Wall | undefined;
  /** Opens what a backend sends with. */
  readonly openFetch?: typeof createLazyFetch;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Resolves names; the system's own where left out. */
  readonly lookup?: Lookup | undefined;
}

/** What there is to work with. */
export interface GatewayKinds {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
}

/** A gateway whose configuration may become another. */
export interface ManagedGateway extends Gateway {
  /**
   * Takes another configuration, at once and whole: what is the same runs on, the rest is replaced or goes. Calls under way end on
   * what they began with; it settles when what has left has ended. Throws at once, not later, where it can't be taken: nothing has
   * changed then.
   */
  reconfigure(configuration: Configuration, kinds?: GatewayKinds): Promise<void>;
  /** The file, as it is now, can't be taken: what was configured before goes on. `undefined` once that is over. */
  refuse(problem: ModelyardError | undefined): void;
  /** What runs: the file, and over it what was added. */
  readonly current: Configuration;
}

/** Resolves names, keeps backends alive, and is all that a face sees. Nothing is started until it is needed. */
export function createGateway({
  configuration,
  definitions: firstDefinitions,
  capabilities: firstCapabilities = builtInCapabilities,
  file,
  log,
  isolate,
  openFetch = createLazyFetch,
  environment,
  lookup,
}: GatewayOptions): ManagedGateway {
  // Both are replaced as they are, with all who look into them, when plugins change.
  const definitions = [...firstDefinitions];
  const capabilities = new Map(firstCapabilities.map((each) => [each.name, each]));
  const events = createGatewayEvents(log);
  const registry = createRegistry(definitions);
  const discovery = createDiscovery({
    definitions,
    registry,
    log,
    configuredUrls: () => urlsByName(current.configuration, definitions).values(),
    add: takeFound,
    remove: (name) => void leave(name),
  });
  const snapshot = (next: Configuration) =>
    createSnapshot(next, { definitions, registry, discovery });
  let current = snapshot(configuration);
  const layers = createLayers(configuration);
  const memory = createMemoryBudget({
    ...memoryLimits(configuration),
    onError: (error) => log.error(`Unloading failed: ${toModelyardError(error).message}`),
  });
  const recent = createRecentCalls();
  const onTrace = (trace: Trace) => {
    recent.add(trace);
    events.emit("call", trace);
  };
  const pipeline = createPipeline({ onTrace });
  const underWay = createCallsUnderWay();
  const run = createCallRunner({
    capabilities,
    current: () => current,
    pipeline,
    onRefused: onTrace,
    underWay,
    teller,
  });
  const upkeep = createModelUpkeep({
    capabilities,
    definitions,
    registry,
    current: () => current,
    underWay,
    teller,
  });
  const start = createBackendStarter({
    capabilities,
    memory,
    registry,
    events,
    log,
    directory: file === undefined ? undefined : dirname(file),
    isolate,
    openFetch,
    environment,
    lookup,
    isNamed: (target) => current.names.isNamed(target),
  });
  let closing: Promise<void> | undefined;
  const { allow } = configuration.privacy;
  void registry.become(
    current.backends.map(([kind, configured]) => start(kind, configured, allow)),
  );

  /** What was looked for until a moment ago may no longer be wanted. */
  function takeFound(definition: AnyBackendDefinition, configured: ConfiguredBackend): void {
    if (!current.configuration.discover) return;
    void registry.add(start(definition, configured, current.configuration.privacy.allow));
    events.emit("models");
  }

  async function leave(name: string): Promise<void> {
    const ended = registry.remove(name);
    events.emit("models");
    await ended;
  }

  /** The backends, those too that are found running. */
  async function lookAround(): Promise<readonly RunningBackend[]> {
    if (current.configuration.discover) await discovery.look(listLifetimeMs);
    return registry.all;
  }

  /** What is the same as before goes on: its connections, its circuits, its loaded models. Settles when what has left has ended. */
  function become(plan: Plan): Promise<void> {
    const next = snapshot(plan.configuration);
    const { discover, privacy } = plan.configuration;
    // How far any prompt may go is built into each: where that changes, nothing is the same.
    const same = privacy.allow === current.configuration.privacy.allow;
    const running = same ? registry.all : [];
    const byName = new Map(running.map((each) => [each.name, each]));
    const wanted = next.backends.map(
      ([definition, configured]) =>
        findSame(byName, definition, configured) ?? start(definition, configured, privacy.allow),
    );
    const names = new Set(wanted.map(({ name }) => name));
    const found = running.filter(
      ({ name, discovered }) => discovered !== undefined && discover && !names.has(name),
    );
    plan.keep();
    current = next;
    memory.limit(memoryLimits(plan.configuration));
    const ended = registry.become([...wanted, ...found]);
    events.emit("configuration");
    events.emit("models");
    return ended;
  }

  function takeKinds(kinds: GatewayKinds): void {
    definitions.splice(0, Infinity, ...kinds.definitions);
    capabilities.clear();
    for (const each of kinds.capabilities) capabilities.set(each.name, each);
  }

  function teller(onProgress: CallOptions["onProgress"]): (event: Progress) => void {
    if (onProgress === undefined) return () => {};
    return (event) => callSafely(() => onProgress(event), "a listener of progress", log);
  }

  return {
    capabilities,
    shows: (capability) =>
      capabilities.get(capability)?.shown === undefined || isServed(capability, current, registry),
    explain: recent.find,

    call: (capability, request, options = {}) =>
      run(capability, request, false, options) as Promise<CollectedAnswer>,

    async stream(capability, request, options = {}) {
      const answer = await run(capability, request, true, options);
      if ("events" in answer) return answer;
      throw new ModelyardError("internal", "A streamed call gave no events.");
    },

    async models(options) {
      const { configuration } = current;
      const all = await listModels(await lookAround(), configuration, capabilities, options);
      return all.filter((entry) => mayAsk(options?.caller, entry.name));
    },
    backends: async (options) =>
      listBackends(
        options?.known === true ? registry.all : await lookAround(),
        capabilities,
        options,
      ),

    ...upkeep,

    on: events.on,

    reconfigure(next, kinds) {
      if (closing !== undefined) return Promise.resolve();
      const former = { definitions: [...definitions], capabilities: [...capabilities.values()] };
      if (kinds !== undefined) takeKinds(kinds);
      let ended: Promise<void>;
      try {
        ended = become(layers.takeFile(next));
      } catch (error) {
        takeKinds(former);
        throw error;
      }
      const { overFile = [] } = layers.status;
      if (overFile.length > 0)
        log.info(
          `Over the file still lies what was changed while it runs: ${describeOverlays(overFile)}.`,
        );
      return ended;
    },

    refuse(problem) {
      layers.refuse(problem);
      events.emit("configuration");
    },

    get current() {
      return current.configuration;
    },

    async change(change, by) {
      checkAdministrator(by, current.configuration);
      // Who asked for it must not take it for done.
      if (closing !== undefined) throw shuttingDown("Modelyard is shutting down.");
      const present = {
        configuration: current.configuration,
        definitions,
        capabilities: [...capabilities.values()],
        registry,
      };
      // What has left may still end its calls.
      void become(layers.change(change, present));
      log.info(describeChange(change, by));
      const warnings = findOrphans(change, current.configuration);
      for (const warning of warnings) log.warn(warning);
      return { warnings };
    },

    configuration: async () => ({
      ...(file === undefined ? {} : { file }),
      ...layers.status,
      admin: current.configuration.server.admin,
      aliases: current.configuration.models.map(({ name }) => name),
    }),

    close({ drainMs = current.configuration.server.drainMs } = {}) {
      discovery.close();
      const ended = underWay.close(drainMs);
      closing ??= ended
        .then(() => registry.stop(AbortSignal.abort()))
        .finally(() => memory.close());
      return closing;
    },
  };
}

function memoryLimits({ memory }: Configuration): MemoryLimits {
  const { budget = Math.floor(0.7 * usableMemoryBytes()), idleMs } = memory;
  return { budgetBytes: budget, idleMs };
}
