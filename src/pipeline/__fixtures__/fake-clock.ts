import { vi } from "vitest";

/**
 * Fake timers that can be refreshed. Those of Vitest 5.1 put their heap out of order on `refresh` (they change the time before they
 * take the timer out), so that others fire late or never.
 */
export function useFakeClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { setTimeout, clearTimeout } = globalThis;
  const current = new WeakMap<object, NodeJS.Timeout>();

  const startTimer = (
    callback: (...values: unknown[]) => void,
    ms?: number,
    ...values: unknown[]
  ) => {
    const start = () => setTimeout(callback, ms, ...values);
    const handle = {
      refresh() {
        clearTimeout(current.get(handle));
        current.set(handle, start());
        return handle;
      },
    };
    current.set(handle, start());
    return handle;
  };
  globalThis.setTimeout = startTimer as never;
  globalThis.clearTimeout = ((handle?: object) => {
    if (handle !== undefined) clearTimeout(current.get(handle));
  }) as never;
}
