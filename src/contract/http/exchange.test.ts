import { getEventListeners, once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, type Dispatcher } from "undici";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ModelyardError } from "../errors.ts";
import { startTestServer, type TestServer } from "./__fixtures__/test-server.ts";
import { exchange } from "./exchange.ts";

const agent = new Agent();
const left: AsyncDisposable[] = [];
const reason = new ModelyardError("cancelled", "No more.");
const problem = (cause: unknown) => new Error("broken off", { cause });

afterEach(async () => {
  await Promise.all(left.splice(0).map((each) => each[Symbol.asyncDispose]()));
});

afterAll(() => agent.destroy());

async function serve(listener: RequestListener): Promise<TestServer> {
  const server = await startTestServer(listener);
  left.push(server);
  return server;
}

const ask = (
  { url }: { url: string },
  signal?: AbortSignal,
  method: Dispatcher.HttpMethod = "GET",
) => exchange(agent, { origin: url, path: "/", method }, { signal, problem });

const collect = async (answer: Awaited<ReturnType<typeof exchange>>) =>
  (await answer.body.collect(1024 * 1024, () => new Error("too long"))).toString();

describe("an exchange", () => {
  it("gives the head, then the body, and leaves nothing on the signal", async () => {
    const server = await serve((_, response) => response.writeHead(201, { "x-a": "b" }).end("c"));
    const { signal } = new AbortController();
    const answer = await ask(server, signal);
    expect(answer).toMatchObject({ statusCode: 201, headers: { "x-a": "b" } });
    expect(await collect(answer)).toBe("c");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("passes over what only announces an answer", async () => {
    const server = await serve((_, response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.writeProcessing();
      response.end("answer");
    });
    const answer = await ask(server);
    expect(answer.statusCode).toBe(200);
    expect(await collect(answer)).toBe("answer");
  });

  it.each([
    ["GET", 204],
    ["GET", 304],
    ["HEAD", 200],
  ] as const)("ends what has no body: %s, %i", async (method, status) => {
    const server = await serve((_, response) => {
      response.writeHead(status, status === 200 ? { "content-length": 5 } : {}).end();
    });
    expect(await collect(await ask(server, undefined, method))).toBe("");
    await pause(10); // undici frees a connection a turn later
    expect(await collect(await ask(server, undefined, method))).toBe("");
    // undici uses no connection again after HEAD.
    expect(server.connections).toHaveLength(method === "HEAD" ? 2 : 1);
  });

  it("tells of a body that is shorter than it says as of one that broke off", async () => {
    const server = createServer((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const { signal } = new AbortController();
    const answer = await ask({ url: `http://127.0.0.1:${port}` }, signal);
    await expect(collect(answer)).rejects.toThrow("broken off");
    expect(getEventListeners(signal, "abort")).toEqual([]);
    server.close();
  });

  it("collects a body that was held back, whenever somebody comes for it", async () => {
    const server = await serve((_, response) => {
      response.write("x".repeat(60_000));
      response.end("x".repeat(40_000));
    });
    const answer = await ask(server);
    await pause(100);
    expect(await collect(answer)).toHaveLength(100_000);
  });

  it("reads no further than somebody reads", async () => {
    let written = 0;
    const server = await serve((_, response) => {
      const write = () => {
        while (response.write("x".repeat(16_384))) written += 16_384;
        response.once("drain", write);
      };
      write();
    });
    const answer = await ask(server);
    let before = -1;
    for (; before !== written; await pause(100)) before = written;
    await answer.body.return();
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it("sends nothing for a signal that has aborted, and waits for nothing", async () => {
    const server = await serve((_, response) => response.end());
    const signal = AbortSignal.abort(reason);
    const refused = ask(server, signal);
    refused.catch(() => {});
    expect(await Promise.race([refused.catch((error: unknown) => error), pause(0)])).toBe(reason);
    expect(server.connections).toHaveLength(0);
  });

  it("ends with the signal's reason while it connects, and sends nothing", async () => {
    let requests = 0;
    const server = await serve(() => (requests += 1));
    const controller = new AbortController();
    const answer = ask(server, controller.signal);
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await pause(50);
    expect(requests).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("ends with the signal's reason before the head, and closes the connection", async () => {
    const asked = Promise.withResolvers<IncomingMessage>();
    const server = await serve((request) => asked.resolve(request));
    const controller = new AbortController();
    const answer = ask(server, controller.signal);
    const { socket } = await asked.promise;
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    if (!socket.closed) await once(socket, "close");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("breaks the body off with the signal, whether somebody reads it or not, and closes the connection", async () => {
    const server = await serve((_, response) => response.write("a"));
    for (const reads of [true, false]) {
      const controller = new AbortController();
      const { body } = await ask(server, controller.signal);
      expect((await body.next()).value?.toString()).toBe("a");
      const reading = reads ? body.next() : undefined;
      reading?.catch(() => {});
      controller.abort();
      await expect(reading ?? body.next()).rejects.toThrow("broken off");
      const connection = server.connections.at(-1)!;
      if (!connection.closed) await once(connection, "close");
    }
  });
});
