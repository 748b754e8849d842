import { AsyncLocalStorage } from "node:async_hooks";

/** What was thrown where nobody could catch it, while a check ran. */
export interface StrayError {
  readonly error: unknown;
}

const checking = new AsyncLocalStorage<(stray: StrayError) => void>();

/** What stands for the check whose work this is, that of an earlier one too; undefined where a callback has lost it. */
export function checkAtWork(): object | undefined {
  return checking.getStore();
}

/** Of those that run, the latest: what comes from a callback without a context is laid at its door. */
let latest: ((stray: StrayError) => void) | undefined;
let runs = 0;

function onStray(error: unknown): void {
  (checking.getStore() ?? latest)?.({ error });
}

/**
 * Runs a check, and hears of what it throws where nobody can catch it: in a timer, or in a promise that nobody waits for. What comes
 * when it has ended is told to `onLate`; to the check that runs then, where that is left out.
 */
export async function withStrayErrors<Value>(
  run: () => Promise<Value>,
  onLate?: (stray: StrayError) => void,
): Promise<{ value: Value; strays: readonly StrayError[] }> {
  const strays: StrayError[] = [];
  let isOver = false;
  const hear = (stray: StrayError) => {
    if (!isOver) strays.push(stray);
    else if (onLate !== undefined) onLate(stray);
    else if (latest !== hear) latest?.(stray);
  };
  const stop = hearStrayErrors();
  latest = hear;
  try {
    const value = await checking.run(hear, run);
    await strayErrorsTold();
    return { value, strays };
  } finally {
    isOver = true;
    stop();
  }
}

/** Keeps such errors from ending the process, until it is told to stop. */
export function hearStrayErrors(): () => void {
  runs += 1;
  if (runs === 1) {
    process.on("uncaughtException", onStray);
    process.on("unhandledRejection", onStray);
  }
  return () => {
    runs -= 1;
    if (runs > 0) return;
    process.off("uncaughtException", onStray);
    process.off("unhandledRejection", onStray);
  };
}

/** They are told of in a turn of their own. */
export function strayErrorsTold(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
