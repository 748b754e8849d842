import { ModelyardError } from "../contract/errors.ts";
import { linkedController } from "../contract/abort.ts";
import type { Guard, Watch } from "./call.ts";

/**
 * Ends a try that is too slow to begin (`firstTokenMs`), that falls silent (`idleMs`), or that takes too long in all (`totalMs`).
 * Silence counts only while the backend is asked for more: a caller who reads slowly does not make it late.
 */
export const timeout: Guard = (call) => {
  const usual = call.backend.timeouts;
  const firstTokenMs = call.timeouts?.firstTokenMs ?? usual.firstTokenMs;
  const idleMs = call.timeouts?.idleMs ?? usual.idleMs;
  const { totalMs } = usual;
  const { controller, unlink } = linkedController(call.signal);
  const abort = (reason: ModelyardError) => controller.abort(reason);
  const expire = (limitMs: number, what: string) =>
    abort(
      new ModelyardError("timeout", `${call.target.backend} ${what} for ${limitMs} ms.`, {
        ...call.target,
        details: { limit: "try", timeoutMs: limitMs },
        remedy: "Check the backend, or raise its timeouts in the configuration.",
      }),
    );

  const total =
    totalMs === undefined ? undefined : setTimeout(expire, totalMs, totalMs, "has been at work");
  const streams = call.capability.event !== undefined;
  const first =
    streams && firstTokenMs !== undefined
      ? setTimeout(expire, firstTokenMs, firstTokenMs, "gave no answer")
      : undefined;
  let idle: NodeJS.Timeout | undefined;
  let asked = false;
  let begun = false;
  let ended = false;
  const watch: Watch = {
    asked() {
      asked = true;
      // Made once somebody waits: an answer that comes at once needs none.
      if (idle !== undefined) idle.refresh();
      else if (begun && idleMs !== undefined)
        idle = setTimeout(() => asked && expire(idleMs, "has been silent"), idleMs);
    },
    alive() {
      // A timer that is refreshed runs again, even one that was cleared.
      if (ended) return;
      if (!begun) first?.refresh();
      else if (asked) idle?.refresh();
    },
    arrived() {
      asked = false;
      if (begun) return;
      begun = true;
      clearTimeout(first);
    },
  };
  call.signal = controller.signal;
  call.abort = abort;
  call.watch = watch;
  call.onEnd(() => {
    ended = true;
    clearTimeout(total);
    clearTimeout(first);
    clearTimeout(idle);
    unlink();
  });
};
