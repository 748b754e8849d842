import type { Gateway } from "../gateway/api.ts";

/** Changes come in bursts: a client that reads the list anew wants to be told once, in milliseconds. */
const burstMs = 100;

/** Calls `announce` once for each burst of changes to the list of models; gives what ends it. */
export function announceModels(gateway: Gateway, announce: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const off = gateway.on("models", () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      announce();
    }, burstMs).unref();
  });
  return () => {
    off();
    clearTimeout(timer);
  };
}
