import type { Trace } from "../pipeline/trace.ts";

/** The stories of the latest calls, so that one can be asked what became of it. */
export interface RecentCalls {
  add(trace: Trace): void;
  find(id: string): Trace | undefined;
}

export function createRecentCalls(most = 1_000): RecentCalls {
  const traces = new Map<string, Trace>();
  return {
    add(trace) {
      // A caller may give the same id twice: the later call is the one that it means.
      traces.delete(trace.id);
      traces.set(trace.id, trace);
      if (traces.size > most) traces.delete(traces.keys().next().value ?? "");
    },
    find: (id) => traces.get(id),
  };
}
