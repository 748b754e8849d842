/** How much may be computed at once. */
export interface BatchLimits {
  /** Of the padded batch: its rows times its longest row. */
  tokens: number;
  rows: number;
}

/**
 * The indexes of `lengths`, the shortest first: what is computed together is then of one length, and little of it is padding.
 */
export function sortByLength(lengths: readonly number[]): number[] {
  return [...lengths.keys()].toSorted((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
}

/** How many rows from `start` on, of ascending length, fit into one batch; one at least. */
export function takeBatch(lengths: readonly number[], start: number, limits: BatchLimits): number {
  let rows = 1;
  while (rows < limits.rows && start + rows < lengths.length) {
    const longest = lengths[start + rows] ?? 0;
    if ((rows + 1) * longest > limits.tokens) break;
    rows++;
  }
  return rows;
}

/** Longer batches win nothing on a CPU: what they read no longer fits into its cache. */
const mostTokens = 512;
const mostRows = 32;
/** Before the pace is known. */
const firstTokens = 128;
/** A cancel is heard between two batches. */
const longestBatchMs = 250;

/** Limits that keep a batch short at this pace. */
export function batchLimits(perTokenMs: number | undefined): BatchLimits {
  const fitting = perTokenMs === undefined ? firstTokens : longestBatchMs / perTokenMs;
  return { tokens: Math.min(mostTokens, Math.floor(fitting)), rows: mostRows };
}
