import type {
  AnyBackendDefinition,
  Backend,
  BackendSetup,
  CallContext,
  PullContext,
  PullResult,
} from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { createBackend } from "../contract/create-backend.ts";
import type { LimitedContext } from "../contract/http/fetch-of-call.ts";
import type { GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { RequestLimits } from "../contract/http/limited-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Interest } from "../contract/progress.ts";
import { silentLog } from "../contract/silent-log.ts";
import { askEngine, type EngineSource } from "./ask-engine.ts";
import type { Listing } from "./ask-method.ts";
import { checkCopyable } from "./check-copyable.ts";
import type { EngineOptions, EngineProcess } from "./engine-process.ts";
import { engineStream } from "./engine-stream.ts";
import { isolateHandlers } from "./isolate-handlers.ts";
import type { MethodName, PackagePlace, PullStep } from "./messages.ts";
import { noFetch } from "./run-call.ts";
import { supervise } from "./supervise.ts";

export interface IsolateEverythingOptions {
  readonly child: Pick<EngineOptions["create"], "module" | "kind" | "name" | "config">;
  readonly guard: GuardedFetchOptions;
  readonly install?: ((interest: Interest) => Promise<PackagePlace>) | undefined;
  readonly capabilities: readonly AnyCapability[];
  readonly stopMs: number;
  readonly heedMs: number;
}

/**
 * A backend that runs in a child process with all that it has. Its definition is read here, and one is made here to see what it has,
 * and left unused. The child lives until the backend is shut down; a crash costs the calls under way, and what is asked next starts
 * another, initialised where this one was. A child that is blocked, and so deaf to an abort, is killed.
 */
export function isolateEverything(
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
  options: IsolateEverythingOptions,
): Backend {
  const { name, log, directory } = setup;
  const { child, guard, install, capabilities, stopMs, heedMs } = options;
  checkCopyable(name, child.config);
  const unused = { ...setup, fetch: noFetch, log: silentLog, unloaded() {} };
  const outline = createBackend(definition, unused, capabilities);
  const widest = guard.widest ?? (() => "remote" as const);
  /** What the child that runs now was told. */
  let told: PrivacyClass | undefined;
  let isInitialised = false;
  let takesAnyModel = false;

  const supervisor = supervise({
    name,
    idleMs: Number.POSITIVE_INFINITY,
    stopMs,
    onLost: () => setup.unloaded(),
    async start(interest, events) {
      const packages = await install?.(interest);
      told = await widest();
      const { connectMs, tls, environment } = guard;
      const create = {
        ...child,
        sources: definition.sources?.(),
        directory,
        packages,
        guard: { widest: told, connectMs, tls, environment },
      };
      const { startEngineProcess } = await import("./engine-process.ts");
      const { signal } = interest;
      const engine = await startEngineProcess({
        name,
        log,
        create,
        signal,
        heedMs,
        onUnloaded: setup.unloaded,
        onSecret: setup.secret,
        ...events,
      });
      if (isInitialised) await initialiseAnew(engine, interest);
      return engine;
    },
  });

  /** Before anything is asked of it, the child hears how far it may go now. */
  const source: EngineSource = {
    answered: supervisor.answered,
    running(interest) {
      const engine = supervisor.current();
      const now = widest();
      if (engine === undefined || now instanceof Promise) return tellAndRun(now, interest);
      if (now !== told) engine.limit((told = now));
      return engine;
    },
  };

  async function tellAndRun(
    asked: PrivacyClass | Promise<PrivacyClass>,
    interest: Interest,
  ): Promise<EngineProcess> {
    const now = await asked;
    const engine = await supervisor.running(interest);
    if (now !== told) engine.limit((told = now));
    return engine;
  }

  const ask = (method: MethodName, model: string, interest: Interest | { signal: AbortSignal }) =>
    askEngine(source, { type: "method", method, model }, { progress() {}, ...interest });

  /** Those alone that it has; what is left out means something. */
  const all: Required<Omit<Backend, "capabilities">> = {
    async initialize(signal) {
      await ask("initialize", "", { signal });
      isInitialised = true;
    },
    healthCheck: (signal) =>
      ask("healthCheck", "", { signal }) as ReturnType<NonNullable<Backend["healthCheck"]>>,
    async listModels(signal) {
      const listing = (await ask("listModels", "", { signal })) as Listing;
      takesAnyModel = listing.takesAnyModel;
      return listing.models;
    },
    takesAnyModel: () => takesAnyModel,
    async *pull(model, context) {
      let returned: PullResult | undefined;
      for await (const step of pullSteps(source, model, context)) {
        if ("returned" in step) returned = step.returned;
        else yield step.progress;
      }
      return returned;
    },
    remove: async (model) => void (await ask("remove", model, never)),
    load: async (model, interest) =>
      (await ask("load", model, interest)) as { memoryBytes?: number },
    unload: async (model) => {
      if (supervisor.current() !== undefined) await ask("unload", model, never);
    },
    shutdown: supervisor.close,
  };
  const names = Object.keys(all) as (keyof typeof all)[];
  const lacking = names.filter((method) => outline[method] === undefined && !ours.includes(method));
  for (const method of lacking) delete (all as Partial<Backend>)[method];
  return {
    ...all,
    capabilities: isolateHandlers(outline.capabilities, capabilities, source, limitsOf),
  };
}

/** Always there: one starts the child before the first call waits for it, the other ends it. */
const ours: readonly (keyof Backend)[] = ["initialize", "shutdown"];

const never = { signal: new AbortController().signal };

async function initialiseAnew(engine: EngineProcess, interest: Interest): Promise<void> {
  try {
    const message = { type: "method", method: "initialize", model: "" } as const;
    await askEngine({ running: () => engine, answered() {} }, message, interest);
  } catch (error) {
    void engine.stop(0);
    throw error;
  }
}

function pullSteps(
  source: EngineSource,
  model: string,
  { signal, sha256 }: PullContext,
): AsyncIterable<PullStep> {
  const message = { type: "method", method: "pull", model, sha256 } as const;
  return engineStream(source, message, { signal, progress() {} }) as AsyncIterable<PullStep>;
}

/** Who calls by the way, and does not say how far, goes nowhere. */
function limitsOf(context: CallContext): RequestLimits {
  const { limits = { widest: "device" } } = context as Partial<LimitedContext>;
  return limits;
}
