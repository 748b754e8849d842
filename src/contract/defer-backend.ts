import type { Backend, Capability } from "./backend.ts";
import { builtInCapabilities } from "./capabilities.ts";
import type { AnyCapability, AnyHandler } from "./capability.ts";
import { ModelyardError } from "./errors.ts";
import { deferIterable } from "./defer-iterable.ts";

/** What a backend has, said before it is there. */
export interface BackendOutline {
  /** Names of what is built in; a capability of one's own by itself, so that it is known whether it streams. */
  readonly capabilities: readonly (Capability | AnyCapability)[];
  /** The methods beside its handlers; `shutdown` is always there. */
  readonly methods: readonly Exclude<keyof Backend, "capabilities" | "shutdown">[];
  /** What lists the models as long as nothing else was used, where that needs less than the backend. */
  readonly listClosed?: Backend["listModels"];
}

type Method = (...values: never[]) => unknown;

/**
 * A backend whose code is loaded by its first use, so that a definition costs its configuration's schema and no more until then.
 * `open` is called once; what it throws, the use that needed it throws, and the next one tries again.
 */
export function deferBackend(
  { capabilities, methods, listClosed }: BackendOutline,
  open: () => Promise<Backend>,
): Backend {
  let opening: Promise<Backend> | undefined;
  let current: Backend | undefined;

  async function opened(): Promise<Backend> {
    try {
      return (current = await (opening ??= open()));
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function use(name: keyof Backend, values: readonly never[]): Promise<unknown> {
    const backend = await opened();
    return (backend[name] as Method).apply(backend, values as never[]);
  }

  function handler({ name, event }: AnyCapability): AnyHandler {
    const ask = async (...values: Parameters<AnyHandler>) =>
      (handlerOf(await opened(), name) as AnyHandler)(...values);
    if (event === undefined) return ask as AnyHandler;
    const defer: AnyHandler = (...values) =>
      deferIterable(async () => ask(...values) as Promise<AsyncIterable<unknown>>);
    return (...values) => (handlerOf(current, name) ?? defer)(...values);
  }

  const handlers: Record<string, AnyHandler> = {};
  for (const each of capabilities) {
    const definition = definitionOf(each);
    handlers[definition.name] = handler(definition);
  }
  const backend: Backend = {
    capabilities: handlers,
    shutdown: async () => (await opening)?.shutdown?.(),
  };
  for (const name of methods) (backend as unknown as Record<string, Method>)[name] = method(name);
  return backend;

  function method(name: BackendOutline["methods"][number]): Method {
    // Asked of what is known by now, so it waits for nothing.
    if (name === "takesAnyModel") return () => current?.takesAnyModel?.() ?? false;
    if (name === "listModels" && listClosed !== undefined)
      return (signal: AbortSignal) =>
        opening === undefined ? listClosed(signal) : use(name, [signal as never]);
    return name === "pull"
      ? (...values) => deferIterable(() => use(name, values) as Promise<AsyncIterable<unknown>>)
      : (...values) => use(name, values);
  }
}

function definitionOf(capability: Capability | AnyCapability): AnyCapability {
  if (typeof capability !== "string") return capability;
  const found = builtInCapabilities.find(({ name }) => name === capability);
  if (found !== undefined) return found;
  throw new ModelyardError("internal", `deferBackend knows no capability ${capability}.`, {
    remedy: "Give the capability itself instead of its name.",
  });
}

function handlerOf(backend: Backend | undefined, name: string): AnyHandler | undefined {
  return (backend?.capabilities as Record<string, AnyHandler> | undefined)?.[name];
}
