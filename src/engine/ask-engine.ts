import { abortError, orAborted } from "../contract/abort.ts";
import type { CallContext } from "../contract/backend.ts";
import type { Interest } from "../contract/progress.ts";
import type { CallMessage, EngineProcess } from "./engine-process.ts";

/** Where a call finds its child process. */
export interface EngineSource {
  /** The one that runs, at once; otherwise one is started. */
  running(interest: Interest): EngineProcess | Promise<EngineProcess>;
  /** A call was answered in full: whatever died before was bad luck. */
  answered(): void;
}

/** Asks the child for one answer. A caller who gives up need not wait for the child to heed it. */
export async function askEngine(
  source: EngineSource,
  message: CallMessage,
  interest: Interest & Partial<Pick<CallContext, "warn">>,
): Promise<unknown> {
  const { signal } = interest;
  const engine = await source.running(interest);
  if (signal.aborted) throw abortError(signal);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const id = engine.open(message, {
    request: "request" in message ? message.request : undefined,
    result: resolve,
    failed: reject,
    warn: (text) => interest.warn?.(text),
    progress: (event) => interest.progress(event),
  });
  const onAbort = () => engine.abort(id, signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const answer = await orAborted(promise, signal);
    if (message.type === "call") source.answered();
    return answer;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
