import { setTimeout as pause } from "node:timers/promises";
import type { LoadContext, Log } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LlamaCppConfig } from "./config.ts";
import { startEngine } from "./engine.ts";
import { loadModel, type LoadedModel } from "./model.ts";

/** The models in memory, and the calls that are computing on each. */
export interface LoadedModels {
  /** Reads a model into memory, once for all who ask meanwhile. It stops when the last of them gives up. */
  load(name: string, context: LoadContext): Promise<LoadedModel>;
  /**
   * Enters a call: loads its model, keeps it until `leave`, and ends the call when the model is unloaded.
   * @throws what {@link load} throws.
   */
  enter(name: string, context: LoadContext): Promise<Visit>;
  /** Ends the calls on a model, waits until nothing computes any more, and frees its memory. */
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
  /** Aborts loading and all calls. */
  controller: AbortController;
  watchers: Set<LoadContext>;
  visits: Set<Promise<void>>;
}

/** A call whose reader has gone without a word computes nothing more after this, and must not hold the memory for ever. */
const longestDrainMs = 3000;

/** Keeps the models of one backend. `pathOf` finds a model's file. */
export function createLoadedModels(
  config: LlamaCppConfig,
  log: Log,
  pathOf: (name: string) => Promise<string>,
): LoadedModels {
  const entries = new Map<string, Entry>();
  /** Models on their way out: a new load of the same name waits for the memory. */
  const leaving = new Map<string, Promise<void>>();

  function begin(name: string): Entry {
    const controller = new AbortController();
    const watchers = new Set<LoadContext>();
    const read = async () => {
      await leaving.get(name);
      const path = await pathOf(name);
      const onProgress = (fraction: number) => {
        for (const watcher of watchers) watcher.progress({ phase: "load", model: name, fraction });
      };
      const { signal } = controller;
      onProgress(0);
      const loaded = await loadModel({
        engine: await startEngine(config, log),
        config,
        name,
        path,
        signal,
        onProgress,
      });
      // a small model is there before the library has said anything
      onProgress(1);
      return loaded;
    };
    const entry: Entry = { loading: read(), controller, watchers, visits: new Set() };
    entries.set(name, entry);
    entry.loading.catch(() => {
      if (entries.get(name) === entry) entries.delete(name);
    });
    return entry;
  }

  /** The model, or the caller's own abort; the last who gives up ends the loading. */
  async function wait(entry: Entry, context: LoadContext): Promise<LoadedModel> {
    context.signal.throwIfAborted();
    entry.watchers.add(context);
    return new Promise<LoadedModel>((resolve, reject) => {
      const onAbort = () => {
        entry.watchers.delete(context);
        reject(context.signal.reason);
        if (entry.watchers.size === 0) entry.controller.abort(context.signal.reason);
      };
      context.signal.addEventListener("abort", onAbort, { once: true });
      entry.loading.then(resolve, reject).finally(() => {
        entry.watchers.delete(context);
        context.signal.removeEventListener("abort", onAbort);
      });
    });
  }

  function current(name: string): Entry {
    const entry = entries.get(name);
    // one whose loading was given up is about to fail; who comes now begins anew
    return entry === undefined || entry.controller.signal.aborted ? begin(name) : entry;
  }

  async function drain(name: string, entry: Entry): Promise<void> {
    entry.controller.abort(
      new ModelyardError("cancelled", `${name} was unloaded.`, { model: name }),
    );
    const [loaded] = await Promise.allSettled([entry.loading]);
    // disposing of what computes would leave promises that never settle
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
      let leave!: () => void;
      const visit = new Promise<void>((resolve) => (leave = resolve));
      entry.visits.add(visit);
      const done = () => {
        entry.visits.delete(visit);
        leave();
      };
      try {
        const model = await wait(entry, context);
        const signal = AbortSignal.any([context.signal, entry.controller.signal]);
        return { model, signal, leave: done };
      } catch (error) {
        done();
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
