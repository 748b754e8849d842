import { setTimeout as pause } from "node:timers/promises";
import type { LoadContext } from "./backend.ts";
import { ModelyardError } from "./errors.ts";

/** The models that a backend has in its own memory, and the calls that compute on each. */
export interface LoadedModels<Model> {
  /** Reads a model into memory, once for all who ask meanwhile; stops when the last of them gives up. */
  load(name: string, context: LoadContext): Promise<Model>;
  /**
   * Enters a call: loads its model, and keeps it until `leave`.
   * @throws what `load` throws
   */
  enter(name: string, context: LoadContext): Promise<Visit<Model>>;
  /** Ends the calls on a model, waits until nothing computes on it any more, and frees its memory. */
  unload(name: string): Promise<void>;
  names(): string[];
  /** Unloads all. */
  close(): Promise<void>;
}

/** A call's stay at a model. */
export interface Visit<Model> {
  readonly model: Model;
  /** Aborts with the call, or when the model is unloaded. */
  readonly signal: AbortSignal;
  leave(): void;
}

/** Reads one model into memory. `onProgress` takes the part that is read, 0 to 1. */
export type ReadModel<Model> = (
  name: string,
  interest: { signal: AbortSignal; onProgress(fraction: number): void },
) => Promise<Model>;

interface Entry<Model> {
  readonly loading: Promise<Model>;
  /** Ends loading and all calls. */
  readonly controller: AbortController;
  readonly waiting: Set<LoadContext>;
  readonly visits: Set<Promise<void>>;
}

/** A call whose reader has gone without a word must not hold the memory for ever. */
const longestDrainMs = 3_000;

/** Keeps a backend's models in memory, for one that computes in its own process. */
export function createLoadedModels<Model extends { dispose(): Promise<void> }>(
  read: ReadModel<Model>,
): LoadedModels<Model> {
  const entries = new Map<string, Entry<Model>>();
  /** Models on their way out: a new load of the same name waits for the memory. */
  const leaving = new Map<string, Promise<void>>();

  function begin(name: string): Entry<Model> {
    const controller = new AbortController();
    const waiting = new Set<LoadContext>();
    const onProgress = (fraction: number) => {
      for (const { progress } of waiting) progress({ phase: "load", model: name, fraction });
    };
    const loading = (async () => {
      await leaving.get(name);
      onProgress(0);
      const model = await read(name, { signal: controller.signal, onProgress });
      onProgress(1);
      return model;
    })();
    const entry: Entry<Model> = { loading, controller, waiting, visits: new Set() };
    entries.set(name, entry);
    // Those who wait hear of a failure; the next one tries again.
    loading.catch(() => {
      if (entries.get(name) === entry) entries.delete(name);
    });
    return entry;
  }

  function current(name: string): Entry<Model> {
    const entry = entries.get(name);
    // One whose loading was given up is about to fail: who comes now begins anew.
    return entry === undefined || entry.controller.signal.aborted ? begin(name) : entry;
  }

  async function wait(entry: Entry<Model>, context: LoadContext): Promise<Model> {
    const { signal } = context;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Model>();
    const onAbort = () => {
      entry.waiting.delete(context);
      reject(signal.reason);
      if (entry.waiting.size === 0) entry.controller.abort(signal.reason);
    };
    entry.waiting.add(context);
    signal.addEventListener("abort", onAbort, { once: true });
    entry.loading.then(resolve, reject);
    try {
      return await promise;
    } finally {
      entry.waiting.delete(context);
      signal.removeEventListener("abort", onAbort);
    }
  }

  async function drain(name: string, entry: Entry<Model>): Promise<void> {
    entry.controller.abort(
      new ModelyardError("cancelled", `${name} was unloaded.`, { model: name }),
    );
    const [loaded] = await Promise.allSettled([entry.loading]);
    // Native code that is freed while it computes takes the process down, or leaves promises that never settle.
    await Promise.race([
      Promise.all(entry.visits),
      pause(longestDrainMs, undefined, { ref: false }),
    ]);
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
    load: (name, context) => wait(current(name), context),

    async enter(name, context) {
      const entry = current(name);
      const { promise: visit, resolve } = Promise.withResolvers<void>();
      const leave = () => {
        entry.visits.delete(visit);
        resolve();
      };
      entry.visits.add(visit);
      try {
        const model = await wait(entry, context);
        const signal = AbortSignal.any([context.signal, entry.controller.signal]);
        return { model, signal, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },

    unload,
    names: () => [...entries.keys()],

    async close() {
      await Promise.all([...entries.keys()].map(unload));
    },
  };
}
