/** Counts values by bucket, at next to no cost: it stands on the way of every call. */
export interface Tally {
  /** Of each bucket, how many values fell into it and into no lower one; the last is for those above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  add(value: number): void;
}

/** `bounds`: upper ones, rising. */
export function createTally(bounds: readonly number[]): Tally {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let sum = 0;
  return {
    counts,
    get sum() {
      return sum;
    },
    add(value) {
      let place = 0;
      while (place < bounds.length && value > bounds[place]!) place++;
      counts[place]!++;
      sum += value;
    },
  };
}
