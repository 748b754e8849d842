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

/** Runs a check, and hears of what it throws where nobody can catch it: in a timer, or in a promise that nobody waits for. */
export async function withStrayErrors<Value>(
  run: () => Promise<Value>,
): Promise<{ value: Value; strays: readonly StrayError[] }> {
  const strays: StrayError[] = [];
  const hear = (stray: StrayError) => void strays.push(stray);
  runs += 1;
  if (runs === 1) {
    process.on("uncaughtException", onStray);
    process.on("unhandledRejection", onStray);
  }
  latest = hear;
  try {
    const value = await checking.run(hear, run);
    // Those are told of in a turn of their own.
    await new Promise((resolve) => void setImmediate(resolve));
    return { value, strays };
  } finally {
    runs -= 1;
    if (runs === 0) {
      process.off("uncaughtException", onStray);
      process.off("unhandledRejection", onStray);
    }
  }
}
