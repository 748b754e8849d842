import type { Server } from "node:http";
import { TLSSocket } from "node:tls";
import type { TestCertificates } from "./test-certificates.ts";

/** Makes a server the proxy to itself: whatever host a client wants a tunnel to, it speaks TLS with this server. */
export function tlsForAnyHost(server: Server, certificates: TestCertificates): void {
  server.on("connect", (_request, socket, head) => {
    socket.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, {
      isServer: true,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (host, done) => {
        certificates.contextFor(host).then((context) => done(null, context), done);
      },
    });
    secure.on("error", () => socket.destroy());
    server.emit("connection", secure);
  });
}
