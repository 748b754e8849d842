import net from "node:net";

/** Whether anybody listens at this port of 127.0.0.1. It costs next to nothing where nobody does, and no HTTP client is loaded for it. */
export function knock(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = net.connect({ host: "127.0.0.1", port });
    const settle = (open: boolean) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(open);
    };
    const onAbort = () => settle(false);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(true)).on("error", () => settle(false));
  });
}
