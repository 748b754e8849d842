import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Watches for connections that have never asked anything: clients open them in advance, and Node counts them among those that are in
 * use, so that they would hold a closing server back.
 * @returns closes those there are
 */
export function watchUnusedConnections(server: Server): () => void {
  const unused = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.on("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }) => unused.delete(socket));
  return () => {
    for (const socket of unused) socket.destroy();
  };
}
