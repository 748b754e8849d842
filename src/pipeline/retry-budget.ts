/** Keeps retries from making a storm worse: so many of the calls to a backend may be repeated, and no more. */
export interface RetryBudget {
  /** A call goes to the backend for the first time. */
  called(): void;
  /** Whether one may be repeated now; takes what it grants. */
  take(): boolean;
}

/** Of the calls in the window, this share; a few are always granted, for those who call seldom. */
const share = 0.2;
const alwaysGranted = 10;
const windowMs = 10_000;

/** `now`: milliseconds on any clock that goes forward. */
export function createRetryBudget(now: () => number = () => performance.now()): RetryBudget {
  // Two windows: the one that fills, and the one before it, which counts as far as it still reaches into the last ten seconds.
  let startedAt = now();
  let current = { calls: 0, retries: 0 };
  let former = { calls: 0, retries: 0 };

  function turn(): number {
    const passed = now() - startedAt;
    if (passed < windowMs) return passed;
    former = passed < 2 * windowMs ? current : { calls: 0, retries: 0 };
    current = { calls: 0, retries: 0 };
    startedAt = now() - (passed % windowMs);
    return passed % windowMs;
  }

  return {
    called() {
      turn();
      current.calls += 1;
    },
    take() {
      const stillCounts = 1 - turn() / windowMs;
      const calls = current.calls + former.calls * stillCounts;
      const retries = current.retries + former.retries * stillCounts;
      if (retries + 1 > Math.max(alwaysGranted, share * calls)) return false;
      current.retries += 1;
      return true;
    },
  };
}
