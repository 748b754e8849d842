import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { startTestServer } from "./__fixtures__/test-server.ts";
import {
  createGuardedFetch,
  type GuardedFetch,
  type GuardedFetchOptions,
} from "./guarded-fetch.ts";
import { createSecrets } from "./secrets.ts";

const opened: GuardedFetch[] = [];

function open(options: GuardedFetchOptions = {}): GuardedFetch["fetch"] {
  const guarded = createGuardedFetch({ environment: {}, ...options });
  opened.push(guarded);
  return guarded.fetch;
}

/** Settles when a connection is closed, by whatever. */
async function closing(connection: Socket): Promise<void> {
  if (!connection.closed) await new Promise((resolve) => connection.once("close", resolve));
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

describe("a guarded fetch", () => {
  it("is a fetch: method, headers, body, status, json, text, web stream", async () => {
    await using server = await startTestServer((request, response) => {
      response.writeHead(201, {
        "x-method": request.method,
        "content-type": request.headers["content-type"],
      });
      request.pipe(response);
    });
    const fetch = open();
    const post = (body: NonNullable<RequestInit["body"]>) =>
      fetch(server.url, { method: "POST", body, headers: { "content-type": "application/json" } });
    const response = await post('{"a":"ü"}');
    expect(response).toBeInstanceOf(Response);
    expect(response.status).toBe(201);
    expect(response.ok).toBe(true);
    expect(response.headers.get("x-method")).toBe("POST");
    expect(response.url).toBe(`${server.url}/`);
    expect(await response.json()).toEqual({ a: "ü" });
    expect(await (await post(new TextEncoder().encode("bytes"))).text()).toBe("bytes");
    expect(await (await post(new Blob(["blob"]))).text()).toBe("blob");
    expect(await (await post(new URLSearchParams({ a: "1" }))).text()).toBe("a=1");
    expect(
      await (await fetch(new Request(server.url, { method: "PUT", body: "asked" }))).text(),
    ).toBe("asked");
    const streamed = await post("streamed");
    let text = "";
    for await (const chunk of streamed.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    expect(text).toBe("streamed");
    expect((await (await post("bytes")).bytes()).length).toBe(5);
  });

  it("gives many at once a connection each, and uses them again", async () => {
    await using server = await startTestServer(
      (_, response) => void setTimeout(() => response.end("{}"), 20),
    );
    const fetch = open();
    const all = () =>
      Promise.all(Array.from({ length: 20 }, async () => (await fetch(server.url)).text()));
    await all();
    expect(server.connections.length).toBe(20);
    await pause(50);
    await all();
    expect(server.connections.length).toBe(20);
  });

  it("repeats on a fresh connection, once, what a reused one was closed under", async () => {
    let asked = 0;
    // It promises to keep connections, and closes each when the second request comes.
    await using server = await startTestServer((request, response) => {
      asked++;
      const first = (request.socket as { served?: boolean }).served !== true;
      (request.socket as { served?: boolean }).served = true;
      if (first) response.end("{}");
      else request.socket.resetAndDestroy();
    });
    const fetch = open();
    const post = async () => (await fetch(server.url, { method: "POST", body: "{}" })).text();
    await post();
    for (let again = 0; again < 3; again++) expect(await post()).toBe("{}");
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThanOrEqual(7);
  });

  it("does not repeat what a first connection was closed under", async () => {
    let asked = 0;
    await using server = await startTestServer((request) => {
      asked++;
      request.socket.destroy();
    });
    await expect(open()(server.url, { method: "POST", body: "{}" })).rejects.toMatchObject({
      code: "backend-unavailable",
      message: `127.0.0.1:${server.port}: the connection was closed.`,
    });
    expect(asked).toBe(1);
  });

  it("does not repeat what is answered with an unasked 100, and says what it was", async () => {
    let asked = 0;
    await using server = await startTestServer((_, response) => {
      asked++;
      response.writeContinue();
      response.end("{}");
    });
    await expect(open()(server.url, { method: "POST", body: "{}" })).rejects.toMatchObject({
      code: "backend-unavailable",
      message: `127.0.0.1:${server.port}: it sent what this client can't take: an unasked 100 Continue, or another protocol.`,
      remedy: "Check that server and what stands before it, and that this is its address.",
    });
    expect(asked).toBe(1);
  });

  it("does not repeat what a server has worked on for a while, unless it only reads", async () => {
    let asked = 0;
    await using server = await startTestServer((request, response) => {
      asked++;
      const first = (request.socket as { served?: boolean }).served !== true;
      (request.socket as { served?: boolean }).served = true;
      if (first) response.end("{}");
      else setTimeout(() => request.socket.resetAndDestroy(), 150);
    });
    const fetch = open();
    const ask = async (method: string) => (await fetch(server.url, { method })).text();
    await ask("POST");
    await pause(20);
    await expect(ask("POST")).rejects.toMatchObject({ code: "backend-unavailable" });
    expect(asked).toBe(2);
    await ask("POST");
    await pause(20);
    expect(await ask("GET")).toBe("{}");
    expect(asked).toBe(5);
  });

  it.each(["told", "not told"])(
    "reads no more than 64 MiB into memory, its length %s",
    async (told) => {
      const piece = Buffer.alloc(1024 * 1024, "x");
      await using server = await startTestServer((_, response) => {
        if (told === "told") response.writeHead(200, { "content-length": 65 * piece.length });
        const write = () => {
          while (!response.destroyed && response.write(piece));
          if (!response.destroyed) response.once("drain", write);
        };
        write();
      });
      const response = await open()(server.url);
      await expect(response.json()).rejects.toMatchObject({
        code: "invalid-response",
        message: `127.0.0.1:${server.port} answers with more than 64 MiB in one piece.`,
      });
      await closing(server.connections[0]!);
    },
  );

  it("may be told how long a body may be silent", async () => {
    await using server = await startTestServer((_, response) => void response.write("half"));
    const response = await open()(server.url, {}, { idleMs: 50 });
    await expect(response.text()).rejects.toMatchObject({ code: "timeout" });
    await closing(server.connections[0]!);
  });

  it("may be told how long an answer may take, and waits longer for one to a large request", async () => {
    await using silent = await startTestServer(() => {});
    const asked = open()(silent.url, {}, { headersMs: 50 });
    await expect(asked).rejects.toMatchObject({
      code: "timeout",
      message: `127.0.0.1:${silent.port} gave no answer for 50 ms.`,
    });
    await closing(silent.connections[0]!);
    const body = "x".repeat(32 * 1024 + 1);
    const more = open()(silent.url, { method: "POST", body }, { headersMs: 50 });
    await expect(more).rejects.toMatchObject({ details: { limit: "try", timeoutMs: 100 } });
  });

  it("says that a body broke off", async () => {
    await using server = await startTestServer((request, response) => {
      response.write("half");
      setTimeout(() => request.socket.destroy(), 20);
    });
    const response = await open()(server.url);
    await expect(response.text()).rejects.toMatchObject({ code: "stream-interrupted" });
  });

  it("closes the connection when its signal aborts, and gives the signal's reason", async () => {
    const closed = Promise.withResolvers<number>();
    await using server = await startTestServer((request, response) => {
      response.write("first");
      request.socket.on("close", () => closed.resolve(performance.now()));
    });
    const controller = new AbortController();
    const response = await open()(server.url, { signal: controller.signal });
    const chunks = response.body!.getReader();
    await chunks.read();
    const abortedAt = performance.now();
    controller.abort();
    await expect(chunks.read()).rejects.toMatchObject({ code: "cancelled" });
    expect((await closed.promise) - abortedAt).toBeLessThan(1_000);
    await expect(open()(server.url, { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("heeds its signal while a name is being resolved", async () => {
    const fetch = open({ widest: () => new Promise(() => {}) });
    const controller = new AbortController();
    const asked = fetch("http://127.0.0.1:1/", { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  });

  it("leaves no connection behind where a redirect leads nowhere", async () => {
    await using server = await startTestServer((_, response) => {
      response.writeHead(302, { location: "http://[" }).write("x".repeat(100_000));
    });
    await expect(open()(server.url)).rejects.toMatchObject({ code: "invalid-response" });
    await closing(server.connections[0]!);
  });

  it("refuses a status that HTTP does not know, and closes its connection", async () => {
    await using server = await startTestServer((_, response) => {
      response.writeHead(999);
      response.write("and more and more");
    });
    await expect(open()(server.url)).rejects.toMatchObject({
      code: "invalid-response",
      message: expect.stringContaining("status 999"),
    });
    await closing(server.connections[0]!);
  });

  it("says what is wrong with an address where nobody answers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    await expect(open()(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "backend-unavailable",
      message: `127.0.0.1:${port}: the connection was refused.`,
      remedy: "Check that the server runs, and that this is its address.",
    });
    await expect(open()("http://name.invalid/")).rejects.toMatchObject({
      code: "backend-unavailable",
      message: "name.invalid: the name can't be resolved.",
    });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["speaks plain HTTP", (socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"), "does not speak TLS"],
    ["says nothing", () => {}, "does not answer a TLS handshake"],
  ])("says of a server that %s to TLS that http:// is meant", async (_, answer, problem) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => {}));
      socket.once("data", () => answer(socket));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await expect(open({ connectMs: 500 })(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: "backend-unavailable",
      message: expect.stringContaining(problem),
      remedy: expect.stringContaining("http://"),
    });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it("gives up on a connection that does not come to stand", async () => {
    // The public test net (RFC 5737) is never answered, where the machine has a way out at all.
    const silent = open({ connectMs: 200 })("http://192.0.2.1:9/");
    await expect(silent).rejects.toMatchObject({ code: "backend-unavailable" });
  });
});

it("asks for answers as they are, and says which ones are not", async () => {
  await using server = await startTestServer(({ headers }, response) => {
    if (headers["accept-encoding"] !== "identity") throw new Error("It was not asked for.");
    response.writeHead(429, { "content-encoding": "gzip" }).end(Buffer.from([0x1f, 0x8b, 8]));
  });
  await expect(open()(server.url)).rejects.toMatchObject({
    code: "invalid-response",
    message: expect.stringContaining('answered 429 in "gzip"'),
    details: { status: 429 },
  });
});

describe("where a guarded fetch may go", () => {
  it("is refused before a byte leaves", async () => {
    const fetch = open({ widest: () => "device" });
    for (const url of ["http://192.0.2.1/", "http://[2001:db8::1]/", "http://10.0.0.1/"])
      await expect(fetch(url)).rejects.toMatchObject({ code: "privacy-violation" });
    await expect(open({ widest: () => "network" })("https://192.0.2.1/")).rejects.toMatchObject({
      code: "privacy-violation",
    });
  });

  it("is a redirect's limit too", async () => {
    await using server = await startTestServer((request, response) => {
      const location = request.url === "/out" ? "http://192.0.2.1/" : "/";
      if (request.url === "/") response.end("here");
      else response.writeHead(307, { location }).end();
    });
    const fetch = open();
    expect(await (await fetch(`${server.url}/round`, { method: "POST", body: "x" })).text()).toBe(
      "here",
    );
    await expect(fetch(`${server.url}/out`)).rejects.toMatchObject({
      code: "privacy-violation",
      message:
        "127.0.0.1 redirected to 192.0.2.1, which lies outside this device: nothing was sent there.",
    });
    expect((await fetch(`${server.url}/out`, { redirect: "manual" })).status).toBe(307);
  });

  it("takes every spelling of loopback for this device", async () => {
    await using server = await startTestServer((_, response) => response.end("here"));
    const fetch = open({ widest: () => "device" });
    for (const host of ["localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
      expect(await (await fetch(`http://${host}:${server.port}/`)).text()).toBe("here");
  });

  it("does not lead through a proxy on this device or a private network", async () => {
    await using proxy = await startTestServer((_, response) => response.end("proxied"));
    await using server = await startTestServer((_, response) => response.end("direct"));
    const fetch = open({ environment: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } });
    expect(await (await fetch(server.url)).text()).toBe("direct");
  });

  it("leads through the proxy for remote addresses", async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createHttpServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await using server = await startTestServer(() => {}, proxy);
    const through = open({ environment: { HTTP_PROXY: server.url, HTTPS_PROXY: server.url } });
    await expect(through("https://192.0.2.1/")).rejects.toMatchObject({
      code: "backend-unavailable",
    });
    expect(asked).toEqual(["192.0.2.1:443"]);
  });

  it("says so when the proxy is down", async () => {
    const gone = await startTestServer(() => {});
    await gone[Symbol.asyncDispose]();
    const proxy = gone.url.replace("//", "//me:secret@");
    const down = open({ environment: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
    await expect(down("http://192.0.2.1/")).rejects.toMatchObject({
      code: "backend-unavailable",
      message: `192.0.2.1: the proxy 127.0.0.1:${gone.port} can't be used: the connection was refused.`,
      remedy:
        "Check the address, and the proxy that the environment names; NO_PROXY excepts a host.",
    });
  });

  it.each(["garbage", "proxy.example:3128", "http://me:100%@proxy.example:3128"])(
    "blames a proxy that is no URL: %s",
    async (proxy) => {
      const lost = open({ environment: { HTTPS_PROXY: proxy } });
      await expect(lost("https://192.0.2.1/")).rejects.toMatchObject({
        code: "backend-unavailable",
        message: "The proxy that the environment names (HTTPS_PROXY) is no URL.",
      });
    },
  );

  it("takes nothing that proves who we are to another origin", async () => {
    const seen: Record<string, unknown>[] = [];
    await using other = await startTestServer((request, response) => {
      seen.push(request.headers);
      response.end("{}");
    });
    await using server = await startTestServer((_, response) =>
      response.writeHead(307, { location: other.url }).end(),
    );
    await open()(server.url, {
      headers: { authorization: "Bearer secret-key", "x-api-key": "k", accept: "a/b" },
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty("authorization");
    expect(seen[0]).not.toHaveProperty("x-api-key");
    expect(seen[0]).toMatchObject({ accept: "a/b" });
  });
});

it("learns the secrets that it sends", async () => {
  await using server = await startTestServer((_, response) => response.end("{}"));
  const secrets = createSecrets();
  await open({ secrets })(`${server.url}/?key=query-secret`, {
    headers: { authorization: "Bearer token-secret" },
  });
  expect(secrets.redact("token-secret and query-secret")).toBe("*** and ***");
});
