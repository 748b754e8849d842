import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { once } from "node:events";
import { z } from "zod";
import { defineBackend, type AnyBackendDefinition } from "../../../contract/backend.ts";
import { saying } from "../../__fixtures__/test-gateway.ts";

/** A server on a free port of this device (or on this one), which goes with `close`. */
export interface TestServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers each request as `answer` says, and writes down what was asked, headers too. */
export async function startHttp(
  answer: (path: string, response: http.ServerResponse) => void,
  port = 0,
): Promise<TestServer & { asked: { path: string; headers: http.IncomingHttpHeaders }[] }> {
  const asked: { path: string; headers: http.IncomingHttpHeaders }[] = [];
  const server = http.createServer(({ url = "", headers }, response) => {
    asked.push({ path: url, headers });
    answer(url, response);
  });
  return { ...(await listening(server, port)), asked };
}

/** Accepts connections, and does `welcome` to each; nothing where left out. */
export function startRaw(welcome: (socket: net.Socket) => void = () => {}): Promise<TestServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket.on("error", () => {}));
    welcome(socket);
  });
  const closeConnections = () => open.forEach((socket) => socket.destroy());
  return listening(server, 0, closeConnections);
}

async function listening(
  server: net.Server,
  port: number,
  closeConnections = () => (server as http.Server).closeAllConnections(),
): Promise<TestServer> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      closeConnections();
      await once(server, "close");
    },
  };
}

/** A server that says at `/kind` what it is. */
export function startKind(kind: string, port = 0): ReturnType<typeof startHttp> {
  return startHttp((path, response) => {
    response.statusCode = path === "/kind" ? 200 : 404;
    response.end(path === "/kind" ? JSON.stringify({ kind }) : "");
  }, port);
}

/** A port where nobody listens. */
export async function freePort(): Promise<number> {
  const server = await startRaw();
  await server.close();
  return server.port;
}

/** A kind of backend whose servers say at `/kind` what they are; each offers one model, called after it. */
export function defineKind(
  type: string,
  ports: readonly number[],
  models: readonly string[] = [`${type}-model`],
): AnyBackendDefinition {
  return defineBackend({
    type,
    config: z.strictObject({ baseUrl: z.url() }),
    upstream: ({ baseUrl }) => ({ url: baseUrl }),
    discover: [
      {
        name: type,
        ports,
        async recognise(url, { fetch, signal }) {
          const response = await fetch(`${url}/kind`, { signal });
          const { kind } = (await response.json()) as { kind?: string };
          return kind === type ? { baseUrl: `${url}/v1` } : undefined;
        },
      },
    ],
    create: ({ config, fetch }) => ({
      capabilities: { chat: saying(`${type} at ${config.baseUrl}`) },
      listModels: async () => models.map((name) => ({ name })),
      healthCheck: async () => ({
        status: (await fetch(config.baseUrl)).status === 404 ? "healthy" : "degraded",
      }),
    }),
  });
}

export const silence = { debug() {}, info() {}, warn() {}, error() {} };
