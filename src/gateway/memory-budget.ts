import { ModelyardError } from "../contract/errors.ts";
import { abortError } from "../pipeline/abort.ts";
import type { Release } from "../pipeline/call.ts";

export interface Resident {
  readonly backend: string;
  readonly model: string;
  /** What it takes in memory: an estimate until it is loaded. */
  bytes: number;
  unload(): Promise<void>;
}

interface Entry extends Resident {
  holds: number;
  lastUsedAt: number;
}

/** One budget for all that is loaded: the least recently used model that no call holds goes first, and one that idles goes by itself. */
export interface MemoryBudget {
  readonly usedBytes: number;
  /** Makes room, waiting for calls to end where that is needed. @throws `insufficient-memory` for what would never fit */
  admit(resident: Resident, signal: AbortSignal): Promise<void>;
  /** Keeps a model from being unloaded until the release is called. */
  hold(backend: string, model: string): Release;
  /** Forgets a model that is in memory no more. */
  forget(backend: string, model?: string): void;
  has(backend: string, model: string): boolean;
  /** Unloads a model once no call holds it. */
  evict(backend: string, model: string): Promise<void>;
  close(): void;
}

export interface MemoryBudgetOptions {
  readonly budgetBytes: number;
  /** After how long without a call a model is unloaded, in milliseconds. */
  readonly idleMs: number;
  /** A failure to unload, which no call waits for. */
  onError(error: unknown): void;
}

export function createMemoryBudget({
  budgetBytes,
  idleMs,
  onError,
}: MemoryBudgetOptions): MemoryBudget {
  const entries = new Map<string, Entry>();
  /** Those who wait for room or for a model to be let go; each looks again when something changes. */
  const waiting = new Set<() => void>();
  const used = () => [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const wake = () => {
    for (const look of waiting) look();
    waiting.clear();
  };

  async function unload(entry: Entry): Promise<void> {
    entries.delete(keyOf(entry.backend, entry.model));
    try {
      await entry.unload();
    } finally {
      wake();
    }
  }

  const idleTimer = setInterval(
    () => {
      const now = performance.now();
      for (const entry of entries.values()) {
        if (entry.holds === 0 && now - entry.lastUsedAt >= idleMs) unload(entry).catch(onError);
      }
    },
    Math.max(50, Math.min(idleMs / 4, 60_000)),
  ).unref();

  function change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortError(signal));
      const look = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = () => {
        waiting.delete(look);
        reject(abortError(signal));
      };
      signal.addEventListener("abort", onAbort, { once: true });
      waiting.add(look);
    });
  }

  return {
    get usedBytes() {
      return used();
    },

    async admit(resident, signal) {
      if (resident.bytes > budgetBytes) {
        const { backend, model, bytes } = resident;
        throw new ModelyardError(
          "insufficient-memory",
          `${model} takes about ${gigabytes(bytes)} in memory; the budget is ${gigabytes(budgetBytes)}.`,
          {
            backend,
            model,
            details: { neededBytes: bytes, budgetBytes },
            remedy: "Use a smaller model, or raise memory.budget.",
          },
        );
      }
      while (used() + resident.bytes > budgetBytes) {
        const idle = [...entries.values()].filter(({ holds }) => holds === 0);
        const oldest = idle.toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)[0];
        if (oldest === undefined) await change(signal);
        else await unload(oldest);
      }
      entries.set(
        keyOf(resident.backend, resident.model),
        Object.assign(resident, { holds: 0, lastUsedAt: performance.now() }),
      );
    },

    hold(backend, model) {
      const entry = entries.get(keyOf(backend, model));
      if (entry === undefined) return () => {};
      entry.holds++;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        entry.holds--;
        entry.lastUsedAt = performance.now();
        if (entry.holds === 0 && waiting.size > 0) wake();
      };
    },

    forget(backend, model) {
      for (const [key, entry] of entries) {
        if (entry.backend === backend && (model === undefined || entry.model === model))
          entries.delete(key);
      }
      wake();
    },

    has: (backend, model) => entries.has(keyOf(backend, model)),

    async evict(backend, model) {
      const never = new AbortController().signal;
      for (;;) {
        const entry = entries.get(keyOf(backend, model));
        if (entry === undefined) return;
        if (entry.holds === 0) return unload(entry);
        await change(never);
      }
    },

    close: () => clearInterval(idleTimer),
  };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function keyOf(backend: string, model: string): string {
  return `${backend}/${model}`;
}
