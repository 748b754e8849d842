import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { clientKinds, connectClient } from "./__fixtures__/clients.ts";
import {
  capabilities,
  headers,
  initializeBody,
  legacyCall,
  modernCall,
  openSession,
  version,
} from "./__fixtures__/http-requests.ts";
import { startForTest } from "./__fixtures__/start-face.ts";
import { signals } from "./__fixtures__/trial-backend.ts";

describe("connections of createMcpHttpHandler", () => {
  beforeEach(() => {
    signals.length = 0;
  });

  it.each(clientKinds)("stops the work when client %s cancels", async (kind) => {
    const { url } = await startForTest();
    const client = await connectClient(kind, { url });
    const controller = new AbortController();
    const given = { prompt: "x", model: "trial/stuck" };
    const call = client.call("chat", given, { signal: controller.signal });
    await expect.poll(() => signals.length).toBe(1);
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await expect.poll(() => signals[0]?.aborted).toBe(true);
    await client.close();
  });

  it("stops the work at once when a client of the 2026 era vanishes", async () => {
    const { url } = await startForTest();
    const controller = new AbortController();
    const request = { method: "POST", ...modernCall("trial/stuck"), signal: controller.signal };
    const response = await fetch(url, request);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    await expect.poll(() => signals.length).toBe(1);
    controller.abort();
    await expect.poll(() => signals[0]?.aborted, { timeout: 1000 }).toBe(true);
  });

  it("stops the work some time after a client of the 2025 era has vanished", async () => {
    const { url } = await startForTest({ graceMs: 300 });
    const session = await openSession(url);
    const controller = new AbortController();
    const { signal } = controller;
    const body = legacyCall("trial/stuck");
    await fetch(url, { method: "POST", headers: session, body, signal });
    await expect.poll(() => signals.length).toBe(1);
    controller.abort();
    await sleep(100);
    expect(signals[0]?.aborted).toBe(false);
    await expect.poll(() => signals[0]?.aborted, { timeout: 1000 }).toBe(true);
  });

  it("ends the stream of a call of the 2025 era that was cancelled, and waits for it no more", async () => {
    const { url, face } = await startForTest();
    const session = await openSession(url);
    const call = await fetch(url, {
      method: "POST",
      headers: session,
      body: legacyCall("trial/stuck"),
    });
    await expect.poll(() => signals.length).toBe(1);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } };
    const told = await fetch(url, {
      method: "POST",
      headers: session,
      body: JSON.stringify(cancel),
    });
    expect(told.status).toBe(202);
    // It hangs where the stream does not end.
    expect(await call.text()).toMatch(/^(:.*\s+)*$/);
    expect(signals[0]?.aborted).toBe(true);
    const next = await fetch(url, {
      method: "POST",
      headers: session,
      body: legacyCall("trial/plain"),
    });
    expect(await next.text()).toContain('"result"');
    // Longer than a test may take.
    await face.close({ drainMs: 600_000 });
  });

  it("lets the others of one body go on where one of them is cancelled", async () => {
    const { url, face } = await startForTest();
    const session = await openSession(url);
    const slow = { ...(JSON.parse(legacyCall("trial/slow")) as object), id: 3 };
    const body = `[${legacyCall("trial/stuck")},${JSON.stringify(slow)}]`;
    const calls = await fetch(url, { method: "POST", headers: session, body });
    await expect.poll(() => signals.length).toBe(2);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } };
    await fetch(url, { method: "POST", headers: session, body: JSON.stringify(cancel) });
    const answers = await calls.text();
    expect(answers).toMatch(/"id":3/);
    expect(answers).toMatch(/-32800/);
    await face.close({ drainMs: 600_000 });
  });

  it.each(["v2 legacy", "v1"] as const)(
    "keeps no connection of a call that client %s has cancelled, and serves it on",
    async (kind) => {
      const { url, face } = await startForTest();
      const client = await connectClient(kind, { url });
      for (let turn = 1; turn <= 3; turn++) {
        const controller = new AbortController();
        const given = { prompt: "x", model: "trial/stuck" };
        const call = client.call("chat", given, { signal: controller.signal });
        await expect.poll(() => signals.length).toBe(turn);
        controller.abort();
        await expect(call).rejects.toThrow(/abort/i);
        await expect.poll(() => signals.at(-1)?.aborted).toBe(true);
      }
      const next = await client.call("chat", { prompt: "still here", model: "trial/plain" });
      expect(next.content[0]?.text).toBe("still here");
      // Longer than a test may take.
      await face.close({ drainMs: 600_000 });
      await client.close();
    },
  );

  it("keeps a silent stream alive, and opens one for events at once", async () => {
    const { url } = await startForTest({ keepAliveMs: 50 });
    const session = await openSession(url);
    const events = await fetch(url, { headers: session });
    expect(events.status).toBe(200);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(":\n\n");
    expect((await reader?.read())?.value).toContain("keepalive");
    await reader?.cancel();
  });

  it("tells clients of both eras that the models have changed", async () => {
    const { url } = await startForTest();
    const session = await openSession(url);
    const legacy = await fetch(url, { headers: session });
    const { headers: modernHeaders } = modernCall("trial/plain");
    const modern = await fetch(url, {
      method: "POST",
      headers: { ...modernHeaders, "mcp-method": "subscriptions/listen" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 9,
        method: "subscriptions/listen",
        params: {
          notifications: { resourcesListChanged: true },
          _meta: { [version]: "2026-07-28", [capabilities]: {} },
        },
      }),
    });
    const streams = [legacy, modern].map(async ({ body }) => {
      let seen = "";
      for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        seen += part;
        if (seen.includes("resources/list_changed")) break;
      }
      return seen;
    });
    const params = { name: "pull_model", arguments: { model: "trial/plain" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params });
    await (await fetch(url, { method: "POST", headers: session, body })).text();
    for (const seen of await Promise.all(streams)) expect(seen).toContain("resources/list_changed");
  });

  it("ends sessions that are idle, and makes room for new ones", async () => {
    const { url } = await startForTest({ sessionIdleMs: 200, maxSessions: 2 });
    const sessions = [await openSession(url), await openSession(url)];
    const status = async (session: Record<string, string> = {}) => {
      const body = legacyCall("trial/plain");
      const response = await fetch(url, { method: "POST", headers: session, body });
      await response.text();
      return response.status;
    };
    expect(await status(sessions[0])).toBe(200);
    sessions.push(await openSession(url));
    expect(await status(sessions[1])).toBe(404);
    expect(await status(sessions[2])).toBe(200);
    await sleep(400);
    expect(await status(sessions[2])).toBe(404);
  });

  it("keeps a session that is used, however many are merely opened", async () => {
    const { url } = await startForTest({ maxSessions: 3 });
    const used = await openSession(url);
    const call = async () => {
      const body = legacyCall("trial/plain");
      const response = await fetch(url, { method: "POST", headers: used, body });
      return (await response.text(), response.status);
    };
    expect(await call()).toBe(200);
    const opened = [];
    for (let count = 0; count < 10; count++) opened.push(await openSession(url));
    expect(await call()).toBe(200);
    const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    const statuses = opened.map(async (session) => {
      const response = await fetch(url, { method: "POST", headers: session, body: list });
      return (await response.text(), response.status);
    });
    expect(await Promise.all(statuses)).toEqual([...Array<number>(8).fill(404), 200, 200]);
  });

  it("refuses a session where all places are busy", async () => {
    const { url } = await startForTest({ maxSessions: 1 });
    const session = await openSession(url);
    const body = legacyCall("trial/stuck");
    const call = fetch(url, { method: "POST", headers: session, body });
    await expect.poll(() => signals.length).toBe(1);
    const another = await fetch(url, { method: "POST", headers, body: initializeBody() });
    expect(another.status).toBe(503);
    expect(another.headers.get("retry-after")).toBe("10");
    await (await call).body?.cancel();
  });

  it("lets a call end when it closes, and those who merely listen go", async () => {
    const { url, face } = await startForTest();
    const session = await openSession(url);
    const events = await fetch(url, { headers: session });
    const prompt = "some more words ".repeat(5);
    const call = await fetch(url, { method: "POST", ...modernCall("trial/slow", prompt) });
    const closed = face.close({ drainMs: 5000 });
    await events.text();
    const late = await fetch(url, { method: "POST", ...modernCall("trial/plain") });
    expect(late.status).toBe(503);
    expect(await call.text()).toContain(prompt);
    await closed;
  });

  it("says of an answer that was under way when it closes that it is the last on its connection", async () => {
    const { url, face } = await startForTest({ streamAfterMs: 60_000 });
    const session = await openSession(url);
    const prompt = "some more words ".repeat(5);
    const calls = [
      modernCall("trial/slow", prompt),
      { headers: session, body: legacyCall("trial/slow", prompt) },
    ].map((call) => fetch(url, { method: "POST", ...call }));
    await expect.poll(() => signals.length).toBe(2);
    const closed = face.close({ drainMs: 5000 });
    for (const answer of await Promise.all(calls)) {
      expect(answer.headers.get("connection")).toBe("close");
      expect(await answer.text()).toContain(prompt);
    }
    await closed;
  });

  it("does not wait for the rest of a request when it closes", async () => {
    const { url, face, server } = await startForTest();
    const { headers: given } = modernCall("trial/plain");
    const head = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    const half = connect(Number(new URL(url).port), "127.0.0.1").resume();
    half.write(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\n${head.join("")}content-length: 9\r\n\r\n{`,
    );
    await once(server, "request");
    const gone = once(half, "close");
    // Longer than a test may take.
    await face.close({ drainMs: 600_000 });
    await gone;
    expect(half.closed).toBe(true);
  });

  it("ends the rest when the time to close is up", async () => {
    const { url, face } = await startForTest();
    const call = await fetch(url, { method: "POST", ...modernCall("trial/stuck") });
    await expect.poll(() => signals.length).toBe(1);
    await face.close({ drainMs: 200 });
    expect(signals[0]?.aborted).toBe(true);
    expect(await call.text()).not.toContain("result");
  });

  it("survives a client that reads nothing, and one that breaks off in its body", async () => {
    const { url } = await startForTest();
    const { port } = new URL(url);
    const { headers: given, body } = modernCall("trial/plain", "x".repeat(5_000_000));
    const head = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    const start = `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\n${head.join("")}content-length: ${body.length}\r\n\r\n`;
    const deaf = connect(Number(port), "127.0.0.1").pause();
    deaf.write(start + body);
    const broken = connect(Number(port), "127.0.0.1");
    broken.write(start + body.slice(0, 1000));
    await sleep(300);
    broken.destroy();
    const next = await fetch(url, { method: "POST", ...modernCall("trial/plain", "still here") });
    expect(await next.text()).toContain("still here");
    deaf.destroy();
  });

  it("gives up a client that takes nothing of its answer", async () => {
    const { url, server } = await startForTest({ stallMs: 200 });
    const { headers: given, body } = modernCall("trial/plain", "x".repeat(10_000_000));
    const head = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    const deaf = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    deaf.pause();
    deaf.write(`POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\n${head.join("")}`);
    deaf.write(`content-length: ${body.length}\r\n\r\n${body}`);
    const count = () =>
      new Promise<number>((resolve) => server.getConnections((_, open) => resolve(open)));
    await expect.poll(count).toBe(1);
    await expect.poll(count, { timeout: 10_000 }).toBe(0);
    deaf.destroy();
  });
});
