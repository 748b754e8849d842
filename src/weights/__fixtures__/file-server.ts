import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface ServedFile {
  body?: Uint8Array | string;
  status?: number;
  headers?: Record<string, string>;
  /** Sends the client elsewhere. */
  redirect?: string;
  /** Ends the connection after so many bytes, as often as this says. */
  cut?: { afterBytes: number; times: number };
  ranges?: boolean;
  /** Waits after each 64 kB. */
  pauseMs?: number;
}

export interface FileServer {
  url: string;
  /** The same server under another host name. */
  otherUrl: string;
  files: Map<string, ServedFile>;
  requests: { path: string; headers: IncomingMessage["headers"]; sentBytes: number }[];
  close(): Promise<void>;
}

/** A real server of a few files on loopback, with ranges and with every way to misbehave that the tests need. */
export async function startFileServer(): Promise<FileServer> {
  const files: FileServer["files"] = new Map();
  const requests: FileServer["requests"] = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const entry = { path, headers: request.headers, sentBytes: 0 };
    requests.push(entry);
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404).end("not here");
    if (file.redirect !== undefined) {
      return void response.writeHead(302, { location: file.redirect, ...file.headers }).end();
    }
    const body = Buffer.from(file.body ?? "");
    const begins = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const condition = request.headers["if-range"];
    const ranged =
      file.ranges !== false &&
      begins > 0 &&
      (condition === undefined || condition === file.headers?.etag);
    if (ranged && begins >= body.length) return void response.writeHead(416).end();
    const rest = ranged ? body.subarray(begins) : body;
    response.writeHead(file.status ?? (ranged ? 206 : 200), {
      "content-length": rest.length,
      ...(ranged && { "content-range": `bytes ${begins}-${body.length - 1}/${body.length}` }),
      ...file.headers,
    });
    const cut = file.cut !== undefined && file.cut.times > 0 ? file.cut : undefined;
    if (cut) cut.times -= 1;
    for (let at = 0; at < rest.length && !response.destroyed; at += 65_536) {
      const chunk = rest.subarray(at, Math.min(at + 65_536, cut?.afterBytes ?? Infinity));
      if (chunk.length > 0) await new Promise((resolve) => response.write(chunk, resolve));
      entry.sentBytes += chunk.length;
      if (cut && at + 65_536 >= cut.afterBytes) return void response.destroy();
      if (file.pauseMs !== undefined) await sleep(file.pauseMs);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    otherUrl: `http://localhost:${port}`,
    files,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
