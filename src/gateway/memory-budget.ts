import { ModelyardError } from "../contract/errors.ts";
import { formatBytes } from "../contract/format-bytes.ts";
import { abortError } from "../contract/abort.ts";
import type { Release } from "../pipeline/call.ts";

/** One budget for all that is loaded: the least recently used model that no call holds goes first, and one that idles goes by itself. */
export interface MemoryBudget {
  readonly usedBytes: number;
  /** One backend's part in it. */
  share(backend: string): MemoryShare;
  /** Other limits hold from now on; what is too much for them is sent away. */
  limit(limits: MemoryLimits): void;
  close(): void;
}

export interface MemoryLimits {
  readonly budgetBytes: number;
  /** After how long without a call a model is unloaded, in milliseconds. */
  readonly idleMs: number;
}

/** A backend's models in memory. */
export interface MemoryShare {
  /** What all together may take. */
  readonly budgetBytes: number;
  /** What this backend's take. */
  readonly usedBytes: number;
  /** Whether somebody waits for room that only models in use could give. */
  readonly contended: boolean;
  /** Waits until nobody does: who came first gets the room first, however many calls others go on to make. */
  turn(signal: AbortSignal): Promise<void>;
  /** Keeps a model from being unloaded until the release is called; it need not be loaded yet. */
  hold(model: string): Release;
  /** Makes room for a model that is about to be loaded, waiting for calls to end where that is needed. @throws `insufficient-memory` for what would never fit */
  admit(model: string, residency: Residency, signal: AbortSignal): Promise<void>;
  /** The model is loaded, and takes this much. */
  loaded(model: string, bytes?: number): void;
  has(model: string): boolean;
  /** Unloads a model once no call holds it. */
  evict(model: string): Promise<void>;
  /** Forgets a model (all models where none is named) that is in memory no more. */
  forget(model?: string): void;
}

/** A model's stay in memory. */
export interface Residency {
  /** What it takes: an estimate until it is loaded. */
  readonly bytes: number;
  unload(): Promise<void>;
}

/** A model that is in memory, or that calls wait for. */
interface Seat {
  /** Where it stands in the table. */
  readonly key: string;
  /** Whose it is. Not its name: a backend may be replaced by another of the same name. */
  readonly share: number;
  holds: number;
  lastUsedAt: number;
  stay?: { bytes: number; state: "loading" | "loaded" | "leaving"; unload(): Promise<void> };
}

export interface MemoryBudgetOptions extends MemoryLimits {
  /** A failure to unload, which no call waits for. */
  onError(error: unknown): void;
}

export function createMemoryBudget(options: MemoryBudgetOptions): MemoryBudget {
  const { onError } = options;
  let { budgetBytes, idleMs } = options;
  const seats = new Map<string, Seat>();
  let shares = 0;
  /** Those who wait for room or for a model to be let go; each looks again when something changes. */
  const waiting = new Set<() => void>();
  /** Keys of the models that wait for room that only models in use could give. */
  const contenders = new Set<string>();
  const used = () => total(seats.values());

  function wake(): void {
    const looks = [...waiting];
    waiting.clear();
    for (const look of looks) look();
  }

  function change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = () => {
        waiting.delete(look);
        reject(abortError(signal!));
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      waiting.add(look);
    });
  }

  /** Its room counts as taken until the backend has let go of it. */
  async function leave(seat: Seat): Promise<void> {
    const { stay } = seat;
    if (stay === undefined) return;
    stay.state = "leaving";
    try {
      await stay.unload();
    } finally {
      if (seat.stay === stay) clear(seat);
      wake();
    }
  }

  function clear(seat: Seat): void {
    delete seat.stay;
    if (seat.holds === 0) seats.delete(seat.key);
  }

  /** Sends idle models away, the least recently used first, until `bytes` more will fit; false where only models in use are left. */
  function makeRoom(bytes: number): boolean {
    while (used() - total(seats.values(), "leaving") + bytes > budgetBytes) {
      const oldest = [...seats.values()]
        .filter(isIdle)
        .toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)[0];
      if (oldest === undefined) return false;
      leave(oldest).catch(onError);
    }
    return true;
  }

  function watchIdle(): NodeJS.Timeout {
    const look = () => {
      const now = performance.now();
      for (const seat of seats.values())
        if (isIdle(seat) && now - seat.lastUsedAt >= idleMs) leave(seat).catch(onError);
    };
    return setInterval(look, Math.max(50, Math.min(idleMs / 4, 60_000))).unref();
  }

  let idleTimer = watchIdle();

  function share(backend: string): MemoryShare {
    const number = ++shares;
    const keyOf = (model: string) => `${number}/${model}`;
    const find = (model: string) => seats.get(keyOf(model));

    function seatOf(model: string): Seat {
      const found = find(model);
      if (found !== undefined) return found;
      const seat = { key: keyOf(model), share: number, holds: 0, lastUsedAt: performance.now() };
      seats.set(seat.key, seat);
      return seat;
    }

    return {
      get budgetBytes() {
        return budgetBytes;
      },

      get usedBytes() {
        return total([...seats.values()].filter((seat) => seat.share === number));
      },

      get contended() {
        return contenders.size > 0;
      },

      async turn(signal) {
        while (contenders.size > 0) await change(signal);
      },

      hold(model) {
        const seat = seatOf(model);
        seat.holds++;
        let released = false;
        return () => {
          if (released) return;
          released = true;
          seat.holds--;
          seat.lastUsedAt = performance.now();
          if (seat.holds > 0) return;
          if (seat.stay === undefined) seats.delete(seat.key);
          if (waiting.size > 0) wake();
        };
      },

      async admit(model, { bytes, unload }, signal) {
        try {
          for (;;) {
            if (bytes > budgetBytes) throw tooLarge(backend, model, bytes, budgetBytes);
            if (signal.aborted) throw abortError(signal);
            const seat = seatOf(model);
            if (seat.stay === undefined && used() + bytes <= budgetBytes) {
              seat.stay = { bytes, state: "loading", unload };
              return;
            }
            if (seat.stay === undefined && !makeRoom(bytes)) contenders.add(seat.key);
            await change(signal);
          }
        } finally {
          if (contenders.delete(keyOf(model))) wake();
        }
      },

      loaded(model, bytes) {
        const stay = find(model)?.stay;
        if (stay?.state !== "loading") return;
        stay.state = "loaded";
        stay.bytes = bytes ?? stay.bytes;
        makeRoom(0);
        wake();
      },

      has: (model) => find(model)?.stay?.state === "loaded",

      async evict(model) {
        for (;;) {
          const seat = find(model);
          if (seat?.stay === undefined) return;
          if (isIdle(seat)) return leave(seat);
          await change();
        }
      },

      forget(model) {
        for (const seat of seats.values()) {
          const meant = model === undefined ? seat.share === number : seat.key === keyOf(model);
          if (meant) clear(seat);
        }
        wake();
      },
    };
  }

  return {
    get usedBytes() {
      return used();
    },
    share,
    limit(limits) {
      ({ budgetBytes, idleMs } = limits);
      clearInterval(idleTimer);
      idleTimer = watchIdle();
      makeRoom(0);
      wake();
    },
    close: () => clearInterval(idleTimer),
  };
}

function isIdle({ holds, stay }: Seat): boolean {
  return holds === 0 && stay?.state === "loaded";
}

function total(seats: Iterable<Seat>, state?: "leaving"): number {
  let sum = 0;
  for (const { stay } of seats)
    if (stay !== undefined && (state === undefined || stay.state === state)) sum += stay.bytes;
  return sum;
}

function tooLarge(backend: string, model: string, bytes: number, budgetBytes: number) {
  return new ModelyardError(
    "insufficient-memory",
    `${model} takes about ${formatBytes(bytes)} in memory; the budget is ${formatBytes(budgetBytes)}.`,
    {
      backend,
      model,
      details: { neededBytes: bytes, budgetBytes },
      remedy: "Use a smaller model, or raise memory.budget.",
    },
  );
}
