import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { TLSSocket } from "node:tls";

export interface RegistryTraffic {
  /** Of each transfer of a blob; 0: as fast as it can. */
  bytesPerSecond: number;
  /** Of blobs sent so far. */
  blobBytes: number;
  /** While this is true every connection for a blob is cut. */
  isCut: boolean;
}

const blobHosts = /^(localhost|blobs\.test)(:|$)/;
const pieceBytes = 16_384;

/**
 * Starts what stands before a docker-registry: Ollama takes a blob only from a redirect to another host name, which docker-registry never sends
 * ("http: no Location header in response"). So blobs are redirected from 127.0.0.1 to localhost, and over TLS from any name to `blobs.test`; all else is passed on.
 */
export async function startRegistryFront(
  registryPort: number,
  traffic: RegistryTraffic,
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const isBlob = incoming.method === "GET" && /\/blobs\/sha256:/.test(incoming.url ?? "");
    if (isBlob && !blobHosts.test(incoming.headers.host ?? "")) {
      const { port } = server.address() as AddressInfo;
      const isSecure = incoming.socket instanceof TLSSocket;
      const host = isSecure ? "https://blobs.test" : `http://localhost:${port}`;
      outgoing.writeHead(307, { location: `${host}${incoming.url}` }).end();
      return;
    }
    passOn(incoming, outgoing, registryPort, isBlob ? traffic : undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  traffic: RegistryTraffic | undefined,
): void {
  const { method, url: path, headers } = incoming;
  const upstream = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    const body = traffic ? paced(answer, traffic) : answer;
    pipeline(body, outgoing).catch(() => outgoing.destroy()); // the client sees the cut
  });
  upstream.on("error", () => outgoing.destroy());
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
}

/** A blob at the pace that is asked for; it fails where the traffic is cut. */
async function* paced(
  blob: AsyncIterable<Buffer>,
  traffic: RegistryTraffic,
): AsyncGenerator<Buffer, void> {
  const startedMs = performance.now();
  let sentBytes = 0;
  for await (const chunk of blob)
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      if (traffic.isCut) throw new Error("The transfer was cut.");
      const piece = chunk.subarray(start, start + pieceBytes);
      yield piece;
      sentBytes += piece.length;
      traffic.blobBytes += piece.length;
      if (traffic.bytesPerSecond === 0) continue;
      const dueMs = (sentBytes / traffic.bytesPerSecond) * 1000;
      await setTimeout(Math.max(0, startedMs + dueMs - performance.now()));
    }
}
