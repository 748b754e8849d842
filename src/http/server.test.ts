import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { BackendEntry, Gateway } from "../gateway/api.ts";
import { speak } from "./__fixtures__/speak.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "./server.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

function gatewayWith(...states: BackendEntry["state"][]): Gateway {
  const backends = states.map((state) => ({ name: "b", state }) as BackendEntry);
  const gateway: Partial<Gateway> = {
    capabilities: new Map(),
    backends: async () => backends,
    configuration: async () => ({ takenAt: "", admin: false }),
    on: () => () => {},
  };
  return gateway as Gateway;
}

/** Reads its body itself, and says how long it was. */
const mcpHandler: HttpServerOptions["mcpHandler"] = {
  async handle(request, response) {
    let length = 0;
    for await (const part of request as AsyncIterable<Buffer>) length += part.length;
    response.end(`${request.method} ${length}`);
  },
  async close() {},
};

const running: HttpServer[] = [];

async function serve(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const gateway = gatewayWith("ready");
  const server = await createHttpServer({ gateway, mcpHandler, log, port: 0, ...options });
  running.push(server);
  return server;
}

describe("createHttpServer", () => {
  afterEach(() => Promise.all(running.splice(0).map((server) => server.close({ drainMs: 0 }))));

  it("hands /mcp on with its body unread, whatever its type and length", async () => {
    const { url } = await serve({ maxBodyBytes: 10 });
    for (const type of ["application/json", "text/plain", "application/x-unknown"]) {
      const init = { method: "POST", headers: { "content-type": type }, body: "x".repeat(1000) };
      expect(await (await fetch(`${url}/mcp`, init)).text()).toBe("POST 1000");
    }
    expect(await (await fetch(`${url}/mcp`)).text()).toBe("GET 0");
    expect(await (await fetch(`${url}/mcp`, { method: "DELETE" })).text()).toBe("DELETE 0");
  });

  it("says that it is healthy, and whether it is ready", async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}/health`)).json()).toEqual({
      status: "ok",
      server: "modelyard",
    });
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const { url: broken } = await serve({ gateway: gatewayWith("failed", "stopped") });
    const response = await fetch(`${broken}/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: "backend-unavailable" },
      backends: { b: "It is stopped." },
    });
    const keys = [{ name: "me", key: "a-key", admin: false }];
    const guarded = await serve({ gateway: gatewayWith("stopped"), keys });
    expect(await (await fetch(`${guarded.url}/ready`)).json()).not.toHaveProperty("backends");
  });

  it("answers what is not there with 404 in the shape of every error", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/nothing?here=1`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: {
        message: "There is no GET /nothing.",
        type: "invalid_request_error",
        code: "invalid-request",
        param: null,
      },
    });
  });

  it("answers another method than a path takes with 405 and those that it does", async () => {
    const { url } = await serve();
    for (const [method, path, allowed] of [
      ["POST", "/health", "GET, HEAD"],
      ["PUT", "/api/models/some/name", "GET, HEAD, POST, DELETE"],
      ["GET", "/api/pull?model=x", "POST"],
      ["HEAD", "/mcp", "GET, POST, DELETE"],
    ] as const) {
      const response = await fetch(url + path, { method });
      expect([path, response.status]).toEqual([path, 405]);
      expect(response.headers.get("allow")).toBe(allowed);
    }
    expect((await fetch(`${url}/v1`)).status).toBe(404);
    const traced = await speak(
      url,
      "TRACE /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    );
    expect(traced).toMatch(/^HTTP\/1.1 405 .*allow: GET, POST, DELETE\r/s);
  });

  it("gives every answer an id, the caller's own where it is fit to be logged", async () => {
    const { url } = await serve();
    const idOf = async (given: Record<string, string>, path = "/health") =>
      (await fetch(url + path, { headers: given })).headers.get("x-request-id");
    expect(await idOf({})).toMatch(/^[\da-f-]{36}$/);
    expect(await idOf({}, "/mcp")).toMatch(/^[\da-f-]{36}$/);
    expect(await idOf({ "x-request-id": "mine-1" }, "/nothing")).toBe("mine-1");
    expect(await idOf({ "x-request-id": "no spaces" })).toMatch(/^[\da-f-]{36}$/);
  });

  it("refuses other hosts and origins, also on /mcp", async () => {
    const { url } = await serve();
    const status = async (path: string, lines: string) =>
      (await speak(url, `GET ${path} HTTP/1.1\r\n${lines}\r\nconnection: close\r\n\r\n`)).slice(
        9,
        12,
      );
    for (const path of ["/health", "/mcp"]) {
      expect(await status(path, "host: localhost:4600")).toBe("200");
      expect(await status(path, "host: [::1]:4600")).toBe("200");
      expect(await status(path, "host: evil.example")).toBe("403");
      expect(await status(path, "host: 127.0.0.1.evil.example")).toBe("403");
      expect(await status(path, "host: localhost\r\norigin: http://localhost:3000")).toBe("200");
      expect(await status(path, "host: localhost\r\norigin: https://evil.example")).toBe("403");
      expect(await status(path, "host: localhost\r\norigin: null")).toBe("403");
    }
  });

  it("answers what is not HTTP, and headers that are too long", async () => {
    const { url } = await serve();
    expect(await speak(url, "garbage\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 .*"code":"invalid-request"/s,
    );
    const long = `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(100_000)}\r\n\r\n`;
    expect(await speak(url, long)).toMatch(/^HTTP\/1.1 431 /);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it("says which port is in use", async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serve({ port })).rejects.toMatchObject({
      code: "invalid-config",
      message: `Port ${port} of 127.0.0.1 is in use.`,
      remedy: expect.stringContaining("--port") as string,
    });
  });

  it("is not held back, when it closes, by a connection that never asked anything", async () => {
    const server = await serve();
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const gone = once(socket.resume(), "close");
    await server.close({ drainMs: 600_000 });
    await gone;
    expect(socket.destroyed).toBe(true);
  });

  it("lets an answer end when it closes, and ends what takes too long", async () => {
    const held: ServerResponse[] = [];
    const holding: HttpServerOptions["mcpHandler"] = {
      handle(_, response) {
        held.push(response);
        response.write("begun ");
      },
      async close() {},
    };
    const server = await serve({ mcpHandler: holding });
    const [first, second] = await Promise.all([
      fetch(`${server.url}/mcp`),
      fetch(`${server.url}/mcp`),
    ]);
    const closed = server.close({ drainMs: 300 });
    held[0]?.end("and ended");
    const texts = await Promise.allSettled([first.text(), second.text()]);
    expect(texts.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await closed;
    await expect(fetch(`${server.url}/health`)).rejects.toThrow("fetch failed");
  });
});
