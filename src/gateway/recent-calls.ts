import type { Trace } from "../pipeline/trace.ts";

/** The stories of the latest calls, so that one can be asked what became of it. */
export interface RecentCalls {
  add(trace: Trace): void;
  find(id: string): Trace | undefined;
}

/** Keeps the latest `most`, and up to as many before them: a whole table is let go at a time, for to take out one by one costs more. */
export function createRecentCalls(most = 1_000): RecentCalls {
  let latest = new Map<string, Trace>();
  let earlier: ReadonlyMap<string, Trace> = new Map();
  return {
    add(trace) {
      if (latest.size >= most) [earlier, latest] = [latest, new Map()];
      // A caller may give the same id twice: the later call is the one that it means.
      latest.set(trace.id, trace);
    },
    find: (id) => latest.get(id) ?? earlier.get(id),
  };
}
