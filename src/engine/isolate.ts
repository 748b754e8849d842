import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { AnyBackendDefinition, Backend, BackendSetup } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { createBackend } from "../contract/create-backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { Interest } from "../contract/progress.ts";
import { askEngine } from "./ask-engine.ts";
import { isolateEverything } from "./isolate-everything.ts";
import { isolateHandlers } from "./isolate-handlers.ts";
import type { PackagePlace } from "./messages.ts";
import { supervise } from "./supervise.ts";

export interface IsolateOptions {
  /** Puts all of the backend behind the wall, not the handlers, load and unload alone; this is what it sends with there. */
  guard?: GuardedFetchOptions | undefined;
  /** Finds or installs what the definition's `packages` ask for; `ensurePackages` where left out. */
  install?: ((interest: Interest) => Promise<PackagePlace>) | undefined;
  /** The capabilities that are known, plugins' included; they say which handlers stream. The built-in ones where left out. */
  capabilities?: readonly AnyCapability[] | undefined;
  /** How long a child with nothing loaded and nothing to do lives on, in milliseconds. */
  idleMs?: number | undefined;
  /** How long a child that was asked to go may take before it is killed, in milliseconds. */
  stopMs?: number | undefined;
  /** How long a child that has all of a backend may be deaf to an abort before it is killed, in milliseconds. */
  heedMs?: number | undefined;
}

const neverAborted: Interest = { signal: new AbortController().signal, progress() {} };

/**
 * A backend whose handlers, `load` and `unload` run in a child process, so that a crash in native code costs the calls under way and
 * no more: the next call or load starts another. Everything else runs here, on a backend of the same definition; with `guard`
 * nothing does. To its caller it looks like any backend.
 */
export function isolate(
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
  options: IsolateOptions = {},
): Backend {
  const { name, log, config } = setup;
  const { module, packages } = definition;
  if (module === undefined) throw withoutModule(definition.type);
  const capabilities = options.capabilities ?? builtInCapabilities;
  const install =
    options.install ??
    (packages &&
      (async (interest) => {
        const { ensurePackages } = await import("./install.ts");
        // A plugin may bring its own.
        const from = [dirname(fileURLToPath(module)), import.meta.dirname, process.cwd()];
        return ensurePackages({ type: definition.type, packages }, { ...interest, log, from });
      }));
  const child = { module, kind: definition.type, name, config };
  const { guard, stopMs = 5_000 } = options;
  if (guard !== undefined) {
    const { heedMs = 5_000 } = options;
    return isolateEverything(definition, setup, {
      child,
      guard,
      install,
      capabilities,
      stopMs,
      heedMs,
    });
  }

  const backend = createBackend(definition, setup, capabilities);
  const supervisor = supervise({
    name,
    idleMs: options.idleMs ?? 5_000,
    stopMs,
    onLost: () => setup.unloaded(),
    async start(interest, events) {
      const packages = await install?.(interest);
      const create = { ...child, packages };
      const { startEngineProcess } = await import("./engine-process.ts");
      return startEngineProcess({ name, log, create, signal: interest.signal, ...events });
    },
  });

  const { load, unload } = backend;
  const isolated: Backend = {
    ...methodsHere(backend),
    capabilities: isolateHandlers(backend.capabilities, capabilities, supervisor),
  };
  if (load !== undefined) {
    isolated.load = async (model, interest) => {
      const message = { type: "method", method: "load", model } as const;
      const loaded = await askEngine(supervisor, message, interest);
      supervisor.setLoaded(model, true);
      return loaded as Awaited<ReturnType<typeof load>>;
    };
  }
  if (unload !== undefined) {
    isolated.unload = async (model) => {
      // Where nothing runs, nothing is loaded.
      if (supervisor.current() === undefined) return;
      await askEngine(supervisor, { type: "method", method: "unload", model }, neverAborted);
      supervisor.setLoaded(model, false);
    };
  }
  isolated.shutdown = async () => {
    await supervisor.close();
    await backend.shutdown?.();
  };
  return isolated;
}

/** Bound to their backend: a class's find its private fields nowhere else. */
function methodsHere(backend: Backend): Partial<Backend> {
  const { initialize, healthCheck, listModels, takesAnyModel, pull, remove } = backend;
  return {
    ...(initialize && { initialize: initialize.bind(backend) }),
    ...(healthCheck && { healthCheck: healthCheck.bind(backend) }),
    ...(listModels && { listModels: listModels.bind(backend) }),
    ...(takesAnyModel && { takesAnyModel: takesAnyModel.bind(backend) }),
    ...(pull && { pull: pull.bind(backend) }),
    ...(remove && { remove: remove.bind(backend) }),
  };
}

function withoutModule(type: string): ModelyardError {
  return new ModelyardError(
    "backend-unavailable",
    `A process of its own can't import ${JSON.stringify(type)}: it was given as code, and does not say its module.`,
    {
      remedy:
        "Leave `isolate` out, name its file in `plugins`, or give its definition `module: import.meta.url`.",
    },
  );
}
