/** Measures how fast a count grows. */
export interface Speedometer {
  add(count: number): void;
  /** Per second, over the last few seconds; undefined until there is enough to tell. */
  read(): number | undefined;
}

const windowMs = 5_000;
const leastMs = 500;

/** A fetch that resumes begins with what is there already: only what is added counts. */
export function createSpeedometer(now: () => number): Speedometer {
  const samples: { at: number; count: number }[] = [];
  return {
    add(count) {
      const at = now();
      // What was counted before was of something else: a fetch that began anew.
      if (count < (samples.at(-1)?.count ?? 0)) samples.length = 0;
      samples.push({ at, count });
      while (samples.length > 2 && at - samples[0]!.at > windowMs) samples.shift();
    },
    read() {
      const first = samples[0];
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.at - first.at < leastMs)
        return undefined;
      return ((last.count - first.count) / (now() - first.at)) * 1000;
    },
  };
}
