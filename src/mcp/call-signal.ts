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
  const access = accessOf(context);
  // In the 2026 era, whose requests come in an envelope, a call ends with its connection.
  const connection = mcpReq.envelope === undefined ? http?.req?.signal : undefined;
  if (connection === undefined && access === undefined)
    return { signal: mcpReq.signal, release() {} };
  // Not `AbortSignal.any`: the collector has to look after all that it makes.
  const controller = new AbortController();
  const { signal: own } = mcpReq;
  let timer: NodeJS.Timeout | undefined;
  const onOwn = () => controller.abort(own.reason);
  const onLost = () => {
    timer = setTimeout(() => controller.abort(new Error("The client went away.")), graceMs);
  };
  const forget = access?.onRevoked((reason) => controller.abort(reason));
  if (own.aborted) onOwn();
  else own.addEventListener("abort", onOwn, { once: true });
  if (connection?.aborted === true) onLost();
  else connection?.addEventListener("abort", onLost, { once: true });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      forget?.();
      own.removeEventListener("abort", onOwn);
      connection?.removeEventListener("abort", onLost);
    },
  };
}
