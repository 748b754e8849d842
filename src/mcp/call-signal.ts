import type { ServerContext } from "@modelcontextprotocol/server";
import { accessOf } from "./access.ts";

/**
 * The signal that a call goes by. It aborts with the request's own, when the caller's key is revoked, and, where a session outlives its connections
 * (HTTP of the 2025 era), some time after the connection that waits for the result was lost: such a client seldom says goodbye.
 */
export function callSignal(
  context: ServerContext,
  graceMs: number,
): { signal: AbortSignal; release: () => void } {
  const { mcpReq, http } = context;
  const connection = http?.req?.signal;
  if (connection === undefined) return { signal: mcpReq.signal, release() {} };
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const forget = accessOf(context)?.onRevoked((reason) => controller.abort(reason));
  const onLost = () => {
    timer = setTimeout(() => controller.abort(new Error("The client went away.")), graceMs);
  };
  if (connection.aborted) onLost();
  else connection.addEventListener("abort", onLost, { once: true });
  return {
    signal: AbortSignal.any([mcpReq.signal, controller.signal]),
    release() {
      clearTimeout(timer);
      forget?.();
      connection.removeEventListener("abort", onLost);
    },
  };
}
