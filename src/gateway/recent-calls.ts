import type { Trace } from "../pipeline/trace.ts";

/** The stories of the latest calls, so that one can be asked what became of it. */
export interface RecentCalls {
  add(trace: Trace): void;
  find(id: string): Trace | undefined;
}

/** Keeps the latest `most`, and up to as many before them. A list and no table: every call is added, and hardly one is looked for. */
export function createRecentCalls(most = 1_000): RecentCalls {
  let traces: Trace[] = [];
  return {
    add(trace) {
      if (traces.length >= 2 * most) traces = traces.slice(most);
      traces.push(trace);
    },
    // A caller may give the same id twice: the later call is the one that it means.
    find: (id) => traces.findLast((trace) => trace.id === id),
  };
}
