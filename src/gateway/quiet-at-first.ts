import type { Progress } from "../contract/progress.ts";

/** A load that takes less is not worth telling of, in milliseconds: a server may hold the model already. */
const quietMs = 300;

/** Tells of a load that has no more to say than that it goes on, only where it does so for a while; all else at once. */
export function quietAtFirst(progress: (event: Progress) => void): {
  progress(event: Progress): void;
  end(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  return {
    progress(event) {
      if (event.phase !== "load" || event.fraction !== undefined) {
        clearTimeout(timer);
        return progress(event);
      }
      timer ??= setTimeout(() => progress(event), quietMs).unref();
    },
    end: () => clearTimeout(timer),
  };
}
