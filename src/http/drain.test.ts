import { Agent, request as ask } from "node:http";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { createGate, createTestGateway, pausing } from "../gateway/__fixtures__/test-gateway.ts";
import { createHttpServer, type HttpServer } from "./server.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve() {
  const gate = createGate();
  const gateway = createTestGateway({ slow: { capabilities: { chat: pausing(gate) } } });
  const mcpHandler = { handle() {}, async close() {} };
  const server = await createHttpServer({ gateway, mcpHandler, log, port: 0 });
  closing.push(() => gateway.close({ drainMs: 0 }));
  const body = { model: "slow/x", stream: true, messages: [{ role: "user", content: "go" }] };
  const call = (over: object = {}) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, ...over }),
    });
  return { gate, gateway, server, call };
}

/** A connection on which a request has been begun, as far as the server is concerned: its headers, and the first of so many bytes. */
async function begin({ url }: HttpServer, length: number): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const connection = connect(Number(port), hostname);
  connection.write("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n");
  connection.write(`content-type: application/json\r\ncontent-length: ${length}\r\n\r\n{`);
  await fetch(`${url}/health`);
  return connection;
}

describe("a server that is to end", () => {
  it("lets a stream end, and sends new calls elsewhere meanwhile", async () => {
    const { gate, server, call } = await serve();
    const streaming = await call();
    const closed = server.close({ drainMs: 10_000 });
    const refused = await call();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("connection")).toBe("close");
    expect(refused.headers.get("x-request-id")).toMatch(/./);
    expect(await refused.json()).toMatchObject({
      error: { code: "backend-unavailable", message: expect.stringContaining("shutting down") },
    });
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    gate.open();
    expect(await streaming.text()).toContain("[DONE]");
    await closed;
    await expect(call()).rejects.toThrow("fetch failed");
  });

  it("ends a stream that takes longer than it may, and says so in it", async () => {
    const { server, gateway, call } = await serve();
    const streaming = await call();
    await Promise.all([server.close({ drainMs: 100 }), gateway.close({ drainMs: 100 })]);
    const told = await streaming.text();
    expect(told).toContain("event: error");
    expect(told).toContain('"code":"backend-unavailable"');
    expect(told).toContain("Modelyard is shutting down");
    expect(told).not.toContain("[DONE]");
  });

  it("tells who waits for the whole to come back, not that they gave up", async () => {
    const { server, gateway, call } = await serve();
    const waiting = call({ stream: false });
    const running = async () => (await gateway.backends({ known: true }))[0]?.running;
    await expect.poll(running).toBe(1);
    await Promise.all([server.close({ drainMs: 100 }), gateway.close({ drainMs: 100 })]);
    const cut = await waiting;
    expect(cut.status).toBe(503);
    expect(cut.headers.get("retry-after")).toBe("1");
    expect(cut.headers.get("connection")).toBe("close");
    expect(await cut.json()).toMatchObject({
      error: {
        code: "backend-unavailable",
        type: "server_error",
        message: expect.stringContaining("shutting down"),
      },
    });
    // What is watched says the same, and blames nobody.
    const id = cut.headers.get("x-request-id")!;
    expect(gateway.explain(id)).toMatchObject({
      outcome: "backend-unavailable",
      reason: expect.stringContaining("shutting down"),
      attempts: 1,
    });
    const text = gateway.lines.join("\n");
    expect(text).not.toContain("cancelled");
    expect(text).not.toContain("unhealthy");
  });

  it("gives an answer that was under way whole, as the last on its connection", async () => {
    const { gate, gateway, server, call } = await serve();
    const waiting = call({ stream: false });
    const running = async () => (await gateway.backends({ known: true }))[0]?.running;
    await expect.poll(running).toBe(1);
    const closed = server.close({ drainMs: 10_000 });
    gate.open();
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.headers.get("connection")).toBe("close");
    await closed;
  });

  it("does not wait for the rest of a request, and says so", async () => {
    const { gate, server, call } = await serve();
    const streaming = await call();
    const half = await begin(server, 100);
    // Longer than a test may take.
    const closed = server.close({ drainMs: 600_000 });
    const answer = await text(half);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain("retry-after: 1");
    expect(answer).toContain("has not wholly come");
    gate.open();
    expect(await streaming.text()).toContain("[DONE]");
    await closed;
  });

  it("refuses a call whose rest comes when it has begun to close, and hangs up", async () => {
    const { gate, server, call } = await serve();
    const streaming = await call();
    const late = await begin(server, 2);
    const closed = server.close({ drainMs: 600_000 });
    late.write("}");
    const answer = await text(late);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('"The server is shutting down. Try again in a moment."');
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    gate.open();
    expect(await streaming.text()).toContain("[DONE]");
    await closed;
  });

  it("does not wait for connections that are kept open, busy before or not", async () => {
    const { server } = await serve();
    const agent = new Agent({ keepAlive: true });
    closing.push(() => agent.destroy());
    const asked = ask(`${server.url}/health`, { agent }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    // Longer than a test may take.
    await server.close({ drainMs: 600_000 });
    await expect(fetch(`${server.url}/health`)).rejects.toThrow("fetch failed");
  });
});
