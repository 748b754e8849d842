import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import os from "node:os";
import type { AnyBackendDefinition, Backend, BackendSetup, Log } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import { validate } from "../contract/validate.ts";
import type { Reply } from "../pipeline/call.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { CallOptions, Gateway, GatewayEvents } from "./api.ts";
import type { Configuration, ConfiguredBackend } from "./configuration.ts";
import { listBackends, listModels } from "./lists.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import { createModelNames } from "./model-names.ts";
import { createRegistry } from "./registry.ts";
import { runBackend, type RunningBackend } from "./running-backend.ts";

export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  readonly log: Log;
  /** Puts the process wall around a backend whose definition asks for it. */
  readonly isolate?: (
    definition: AnyBackendDefinition,
    setup: BackendSetup<unknown>,
    events: { onLost(): void },
  ) => Backend;
  /** What backends send with. */
  readonly fetch?: typeof fetch;
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
  log,
  isolate,
  fetch = globalThis.fetch,
}: GatewayOptions): ManagedGateway {
  const capabilities: ReadonlyMap<string, AnyCapability> = new Map(
    builtInCapabilities.map((each) => [each.name, each]),
  );
  const events = new EventEmitter<GatewayEvents>();
  const registry = createRegistry();
  const names = createModelNames(configuration, registry);
  const memory = createMemoryBudget({
    budgetBytes: configuration.memory.budget ?? Math.floor(0.7 * usableMemoryBytes()),
    idleMs: configuration.memory.idleMs,
    onError: (error) => log.error(`Unloading failed: ${toModelyardError(error).message}`),
  });
  const pipeline = createPipeline({ onTrace: (trace) => events.emit("call", trace) });
  const underWay = new Set<AbortController>();
  let closing: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  function start(definition: AnyBackendDefinition, configured: ConfiguredBackend): RunningBackend {
    const { name, settings, options } = configured;
    const setup: BackendSetup<unknown> = { name, config: options, fetch, log };
    return runBackend({
      definition,
      configured,
      memory,
      log,
      fetch,
      create: (onLost) =>
        definition.isolate !== undefined && isolate !== undefined
          ? isolate(definition, setup, { onLost })
          : definition.create(setup),
      mayPull: (model) => settings.autoPull ?? names.isNamed({ backend: name, model }),
      onState: (state, reason) =>
        events.emit("state", { backend: name, state, ...(reason === undefined ? {} : { reason }) }),
      onModels: () => events.emit("models"),
    });
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

  function capabilityOf(name: string): AnyCapability {
    const capability = capabilities.get(name);
    if (capability !== undefined) return capability;
    throw new ModelyardError(
      "invalid-request",
      `There is no capability ${JSON.stringify(name)}.${didYouMean(name, capabilities.keys())}`,
    );
  }

  function refuseWhenClosing(): void {
    if (closing !== undefined)
      throw new ModelyardError("cancelled", "The gateway is shutting down.");
  }

  async function run(
    name: string,
    input: unknown,
    stream: boolean,
    options: CallOptions,
  ): Promise<{ id: string; warnings: string[]; reply: Reply }> {
    refuseWhenClosing();
    const capability = capabilityOf(name);
    const request = validate(capability.request, input, { what: `${name} request` });
    const { id = randomUUID(), model, signal, onProgress } = options;
    const controller = new AbortController();
    const onAbort = () =>
      controller.abort(
        new ModelyardError("cancelled", "The call was cancelled.", { cause: signal?.reason }),
      );
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    underWay.add(controller);
    const end = () => {
      signal?.removeEventListener("abort", onAbort);
      underWay.delete(controller);
      if (underWay.size === 0) onIdle?.();
    };
    const warnings: string[] = [];
    try {
      const { target, backend, timeoutMs } = await names.resolve(model, capability);
      const reply = await pipeline({
        id,
        capability,
        request,
        target,
        backend,
        stream,
        warnings,
        timeoutMs: shortest(options.timeoutMs, timeoutMs),
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        progress: (event) => onProgress?.(event),
      });
      reply.onEnd(end);
      return { id, warnings, reply };
    } catch (error) {
      end();
      throw error;
    }
  }

  async function targetOf(name: string): Promise<{ backend: RunningBackend; model: string }> {
    const { backend, target } = await names.resolve(name);
    return { backend, model: target.model };
  }

  return {
    capabilities,

    async call(capability, request, options = {}) {
      const { id, warnings, reply } = await run(capability, request, false, options);
      return { id, target: reply.target, warnings, result: reply.result };
    },

    async stream(capability, request, options = {}) {
      if (capabilityOf(capability).event === undefined) {
        throw new ModelyardError(
          "invalid-request",
          `${capability} answers at once and can't be streamed.`,
        );
      }
      const { id, warnings, reply } = await run(capability, request, true, options);
      if (reply.events === undefined)
        throw new ModelyardError("internal", "A streamed call gave no events.");
      return { id, target: reply.target, warnings, events: reply.events };
    },

    models: (options) => listModels(registry.all, configuration, capabilities, options),
    backends: (options) => listBackends(registry.all, capabilities, options),

    async pull(name, { sha256, signal = new AbortController().signal, onProgress } = {}) {
      refuseWhenClosing();
      const { backend, model } = await pullTarget(name);
      await backend.pull(model, { signal, progress: (event) => onProgress?.(event) }, sha256);
      const found = (await backend.models.all())?.find((each) => each.name === model);
      return {
        model: `${backend.name}/${model}`,
        ...(found?.sizeBytes === undefined ? {} : { sizeBytes: found.sizeBytes }),
      };
    },

    async unload(name) {
      const { backend, model } = await targetOf(name);
      await backend.unload(model);
    },

    async remove(name) {
      const { backend, model } = await targetOf(name);
      await backend.remove(model);
    },

    on(name, listener) {
      events.on(name, listener as never);
      return () => events.off(name, listener as never);
    },

    addBackend: (definition, configured) =>
      registry.add(start(definition, configured)).then(() => void events.emit("models")),
    removeBackend: (name) => registry.remove(name).then(() => void events.emit("models")),

    close({ drainMs = configuration.server.drainMs } = {}) {
      closing ??= (async () => {
        const limit = AbortSignal.timeout(drainMs);
        if (underWay.size > 0) {
          await new Promise<void>((resolve) => {
            onIdle = resolve;
            limit.addEventListener("abort", () => resolve(), { once: true });
          });
        }
        for (const controller of underWay)
          controller.abort(new ModelyardError("cancelled", "The program is shutting down."));
        await Promise.allSettled(
          registry.all.map((backend) => backend.stop(AbortSignal.timeout(stopLimitMs))),
        );
        memory.close();
      })();
      return closing;
    },
  };

  /** A reference to weights goes to the backend whose kind of file it is; a name to the backend that lists it. */
  async function pullTarget(name: string): Promise<{ backend: RunningBackend; model: string }> {
    if (!isReference(name)) return targetOf(name);
    const type = /\.gguf(\?|$)/i.test(name) ? "llama-cpp" : "huggingface";
    return { backend: registry.get(type), model: name };
  }
}

/** How long backends get to stop once their calls have been ended, in milliseconds. */
const stopLimitMs = 2_000;

/** `hf:owner/repo/file.gguf`, a URL, or a path; a plain name is none of these. */
function isReference(name: string): boolean {
  return /^(hf:|https?:\/\/|file:|\.{0,2}\/|~\/|[A-Za-z]:\\)/.test(name);
}

function shortest(...limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

/** What this process may use, in bytes: a container's limit where there is one. */
function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}
