import { createServer, type IncomingMessage } from "node:http";
import { isIP, type AddressInfo, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Lookup } from "../../src/contract/http/class-of-url.ts";

/** An address of this machine that stands for one far away: tests take it for `remote`. */
export const outsideAddress = "127.66.0.1";

/** A server out there that counts what reaches it. It answers whatever it is asked, so that a leak would be a success. */
export interface Outside extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
  /** All that has come in. */
  readonly bytes: number;
  /** What was asked: method and path. */
  readonly asked: readonly string[];
}

export async function startOutside(): Promise<Outside> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  let connections = 0;
  let closed = 0;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    void answer(request).then((body) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
  });
  // What an agent asks of a proxy.
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 200 OK\r\n\r\n");
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}); // what counts has been counted
    socket.on("close", () => {
      sockets.delete(socket);
      closed += socket.bytesRead;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, outsideAddress, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get bytes() {
      return [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, closed);
    },
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage): Promise<object> {
  await buffer(request);
  if (request.url?.endsWith("/models") === true)
    return { object: "list", data: [{ id: "leak", object: "model" }] };
  const message = { role: "assistant", content: "leaked" };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return { id: "1", object: "chat.completion", model: "leak", choices };
}

/** A resolver of names: each has its addresses, or another answer each time it is asked. */
export function namesAs(
  table: Readonly<Record<string, readonly string[] | ((time: number) => readonly string[])>>,
): Lookup {
  const times = new Map<string, number>();
  return (host, _options, callback) => {
    const entry = table[host];
    const time = (times.get(host) ?? 0) + 1;
    times.set(host, time);
    const found = typeof entry === "function" ? entry(time) : entry;
    const unknown = Object.assign(new Error(`${host} is not known`), { code: "ENOTFOUND" });
    queueMicrotask(() => {
      if (found === undefined) return callback(unknown, []);
      const addresses = found.map((address) => ({ address, family: isIP(address) }));
      callback(null, addresses);
    });
  };
}
