import type { LoadContext } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModel } from "./load-model.ts";

/** The models in memory, and the calls that are computing on each. */
export interface LoadedModels {
  /** Reads a model into memory, once for all who ask meanwhile. */
  load(name: string, context: LoadContext): Promise<LoadedModel>;
  /** Enters a call: loads its model and keeps it until `leave`. */
  enter(name: string, context: LoadContext): Promise<Visit>;
  /** Ends the calls on a model, waits until they have ended, and frees its memory. */
  unload(name: string): Promise<void>;
  names(): string[];
  /** Unloads all. */
  close(): Promise<void>;
}

export interface Visit {
  readonly model: LoadedModel;
  /** Aborts with the call, or when the model is unloaded. */
  readonly signal: AbortSignal;
  leave(): void;
}

interface Entry {
  loading: Promise<LoadedModel>;
  /** Ends the calls. */
  controller: AbortController;
  visits: Set<Promise<void>>;
}

/** A call whose reader has gone without a word must not hold the memory for ever. */
const longestDrainMs = 3000;

/** Keeps the models of one backend; `read` reads one. */
export function createLoadedModels(read: (name: string) => Promise<LoadedModel>): LoadedModels {
  const entries = new Map<string, Entry>();
  /** Models on their way out: a new load of the same name waits for the memory. */
  const leaving = new Map<string, Promise<void>>();

  function current(name: string, { progress }: LoadContext): Entry {
    const found = entries.get(name);
    if (found !== undefined) return found;
    progress({ phase: "load", model: name, fraction: 0 });
    const begin = async () => {
      await leaving.get(name);
      return read(name);
    };
    const entry: Entry = { loading: begin(), controller: new AbortController(), visits: new Set() };
    entries.set(name, entry);
    entry.loading.catch(() => {
      if (entries.get(name) === entry) entries.delete(name);
    });
    return entry;
  }

  async function load(entry: Entry, name: string, context: LoadContext): Promise<LoadedModel> {
    const model = await untilAborted(entry.loading, context.signal);
    context.progress({ phase: "load", model: name, fraction: 1 });
    return model;
  }

  async function enter(name: string, context: LoadContext): Promise<Visit> {
    context.signal.throwIfAborted();
    const entry = current(name, context);
    const visit = Promise.withResolvers<void>();
    entry.visits.add(visit.promise);
    const leave = () => {
      entry.visits.delete(visit.promise);
      visit.resolve();
    };
    try {
      const model = await untilAborted(entry.loading, context.signal);
      const signal = AbortSignal.any([context.signal, entry.controller.signal]);
      return { model, signal, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function drain(name: string, entry: Entry): Promise<void> {
    entry.controller.abort(
      new ModelyardError("cancelled", `${name} was unloaded.`, { model: name }),
    );
    const [loaded] = await Promise.allSettled([entry.loading]);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, longestDrainMs);
    await Promise.race([Promise.all(entry.visits), late]);
    clearTimeout(timer);
    if (loaded.status === "fulfilled") await loaded.value.dispose();
  }

  async function unload(name: string): Promise<void> {
    const entry = entries.get(name);
    if (entry === undefined) return leaving.get(name);
    entries.delete(name);
    const left = drain(name, entry).finally(() => leaving.delete(name));
    leaving.set(name, left);
    return left;
  }

  return {
    async load(name, context) {
      context.signal.throwIfAborted();
      return load(current(name, context), name, context);
    },
    enter,
    unload,
    names: () => [...entries.keys()],
    async close() {
      await Promise.all([...entries.keys()].map(unload));
    },
  };
}

/** What is awaited, or the signal's reason as soon as it aborts; the work itself goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  return promise;
}
