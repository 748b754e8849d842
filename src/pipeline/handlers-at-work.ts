/** Handlers that have begun and not ended, those too whose call is over: they may still have a job to stop at their server. */
export interface HandlersAtWork {
  begin(): void;
  end(): void;
  /** Settles once none is at work, or after so many milliseconds. */
  none(limitMs: number): Promise<void>;
}

/** A number and no list of promises: every call is counted. */
export function createHandlersAtWork(): HandlersAtWork {
  let count = 0;
  let onNone: (() => void) | undefined;

  return {
    begin: () => void count++,
    end() {
      if (--count === 0) onNone?.();
    },
    async none(limitMs) {
      if (count === 0) return;
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, limitMs);
        onNone = () => {
          clearTimeout(limit);
          resolve();
        };
      });
    },
  };
}
