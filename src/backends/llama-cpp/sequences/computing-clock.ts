/** Starts a clock; the function it gives reads the milliseconds since then. */
export type Clock = () => () => number;

/**
 * A clock for computing on `threads` CPU threads of this process: what other programs take from it does not count.
 * On a GPU, whose work the processor's clock does not see, it is an ordinary one.
 */
export function createComputingClock({
  threads,
  onGpu,
}: {
  threads: number;
  onGpu: boolean;
}): Clock {
  return () => {
    const began = performance.now();
    const usage = process.cpuUsage();
    return () => {
      const elapsedMs = performance.now() - began;
      if (onGpu) return elapsedMs;
      const { user, system } = process.cpuUsage(usage);
      return Math.min(elapsedMs, (user + system) / 1000 / threads);
    };
  };
}
