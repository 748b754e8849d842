import { Agent, request as ask } from "node:http";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createGate, createTestGateway, pausing } from "../gateway/__fixtures__/test-gateway.ts";
import { createHttpServer } from "./server.ts";

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
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  return { gate, gateway, server, call: () => fetch(`${server.url}/v1/chat/completions`, init) };
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
    const text = await streaming.text();
    expect(text).toContain("event: error");
    expect(text).not.toContain("[DONE]");
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
