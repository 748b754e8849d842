import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  AnyBackendDefinition,
  Backend,
  BackendSetup,
  CallContext,
  Handlers,
} from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import type { AnyCapability, AnyHandler } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Interest } from "../contract/progress.ts";
import { askEngine } from "./ask-engine.ts";
import { engineStream } from "./engine-stream.ts";
import type { PackagePlace } from "./messages.ts";
import { supervise, type Supervisor } from "./supervise.ts";

export interface IsolateOptions {
  /** Finds or installs what the definition's `packages` ask for; `ensurePackages` where left out. */
  install?: ((interest: Interest) => Promise<PackagePlace>) | undefined;
  /** The capabilities that are known, plugins' included; they say which handlers stream. The built-in ones where left out. */
  capabilities?: readonly AnyCapability[] | undefined;
  /** How long a child with nothing loaded and nothing to do lives on, in milliseconds. */
  idleMs?: number | undefined;
  /** How long a child that was asked to go may take before it is killed, in milliseconds. */
  stopMs?: number | undefined;
}

const neverAborted: Interest = { signal: new AbortController().signal, progress() {} };

/**
 * A backend whose handlers, `load` and `unload` run in a child process, so that a crash in native code costs the calls under way and
 * no more: the next call or load starts another. Everything else runs here, on a backend of the same definition. To its caller it looks like any backend.
 */
export function isolate(
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
  options: IsolateOptions = {},
): Backend {
  const { name, log, config } = setup;
  const { module, packages } = definition;
  if (module === undefined) {
    throw new ModelyardError(
      "internal",
      `${definition.type} asks for a process of its own, but does not say its module.`,
    );
  }
  const backend = definition.create(setup);
  const install =
    options.install ??
    (packages &&
      (async (interest) => {
        const { ensurePackages } = await import("./install.ts");
        // A plugin may bring its own.
        const from = [dirname(fileURLToPath(module)), import.meta.dirname, process.cwd()];
        return ensurePackages({ type: definition.type, packages }, { ...interest, log, from });
      }));

  const supervisor = supervise({
    name,
    idleMs: options.idleMs ?? 5_000,
    stopMs: options.stopMs ?? 5_000,
    onLost: () => setup.unloaded(),
    async start(interest, events) {
      const place = await install?.(interest);
      const create = { module, name, config, packages: place };
      const { startEngineProcess } = await import("./engine-process.ts");
      return startEngineProcess({ name, log, create, signal: interest.signal, ...events });
    },
  });

  const { load, unload } = backend;
  const isolated: Backend = {
    ...methodsHere(backend),
    capabilities: isolateHandlers(
      backend.capabilities,
      options.capabilities ?? builtInCapabilities,
      supervisor,
    ),
  };
  if (load !== undefined) {
    isolated.load = async (model, interest) => {
      const loaded = await askEngine(supervisor, { type: "load", model }, interest);
      supervisor.setLoaded(model, true);
      return loaded as Awaited<ReturnType<typeof load>>;
    };
  }
  if (unload !== undefined) {
    isolated.unload = async (model) => {
      // Where nothing runs, nothing is loaded.
      if (supervisor.current() === undefined) return;
      await askEngine(supervisor, { type: "unload", model }, neverAborted);
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

function isolateHandlers(
  handlers: Handlers,
  capabilities: readonly AnyCapability[],
  supervisor: Supervisor,
): Handlers {
  const isolated = Object.keys(handlers).map((capability): [string, AnyHandler] => {
    const streams = capabilities.find(({ name }) => name === capability)?.event !== undefined;
    return [
      capability,
      (request: unknown, context: CallContext) => {
        const { model, stream } = context;
        const message = { type: "call", capability, request, model, stream } as const;
        if (streams) return engineStream(supervisor, message, context);
        return askEngine(supervisor, message, context);
      },
    ];
  });
  return Object.fromEntries(isolated);
}
