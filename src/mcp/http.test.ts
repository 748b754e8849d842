import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientKinds, connectClient } from "./__fixtures__/clients.ts";
import { checkFace } from "./__fixtures__/face-checks.ts";
import {
  headers,
  initializeBody,
  legacyCall,
  modernCall,
  openSession,
  version,
} from "./__fixtures__/http-requests.ts";
import { start, startForTest, stop, type Running } from "./__fixtures__/start-face.ts";

describe.concurrent.each(clientKinds)("createMcpHttpHandler with client %s", (kind) => {
  let served: Running;
  beforeAll(async () => {
    served = await start();
  });
  afterAll(() => stop(served));
  checkFace(() => connectClient(kind, served));
});

describe("what createMcpHttpHandler refuses", () => {
  it("refuses a wrong Accept with 406, in both eras", async () => {
    const { url } = await startForTest();
    const modern = modernCall("trial/plain");
    for (const accept of ["application/json", "text/html", ""]) {
      const legacy = { method: "POST", headers: { ...headers, accept }, body: initializeBody() };
      expect((await fetch(url, legacy)).status).toBe(406);
      const other = { ...modern, method: "POST", headers: { ...modern.headers, accept } };
      expect((await fetch(url, other)).status).toBe(406);
    }
    const any = { method: "POST", headers: { ...headers, accept: "*/*" }, body: initializeBody() };
    expect((await fetch(url, any)).status).toBe(200);
  });

  it("refuses an unknown protocol version with 400, in both eras; initialize negotiates", async () => {
    const { url } = await startForTest();
    const unknown = { "mcp-protocol-version": "2099-01-01" };
    const session = { ...(await openSession(url)), ...unknown };
    const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    const legacy = await fetch(url, { method: "POST", headers: session, body: list });
    expect(legacy.status).toBe(400);
    const { headers: given, body } = modernCall("trial/plain", "hi", { [version]: "2099-01-01" });
    const modern = await fetch(url, { method: "POST", headers: { ...given, ...unknown }, body });
    expect(modern.status).toBe(400);
    const greeting = await fetch(url, {
      method: "POST",
      headers: { ...headers, ...unknown },
      body: initializeBody("2099-01-01"),
    });
    expect(await greeting.text()).toContain('"protocolVersion":"2025-11-25"');
  });

  it("refuses a body that is too long with 413, in both eras, and says so to a client that still sends", async () => {
    const { url } = await startForTest({ maxBodyBytes: 100_000 });
    const { headers: modern, body } = modernCall("trial/plain", "x".repeat(200_000));
    for (const given of [headers, modern]) {
      const response = await fetch(url, { method: "POST", headers: given, body });
      expect(response.status).toBe(413);
      expect(await response.text()).toContain("100000 bytes");
    }
    const chunked = httpRequest(url, { method: "POST", headers });
    chunked.write("x".repeat(200_000));
    chunked.end();
    const [answer] = (await once(chunked, "response")) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(413);
  });

  it("takes 10 MB", async () => {
    const { url } = await startForTest();
    const prompt = "x".repeat(10_000_000);
    const response = await fetch(url, { method: "POST", ...modernCall("trial/plain", prompt) });
    expect((await response.text()).includes(prompt)).toBe(true);
  });

  it("names broken JSON, a wrong media type, a missing and an unknown session", async () => {
    const { url } = await startForTest();
    const post = (given: Record<string, string>, body: string) =>
      fetch(url, { method: "POST", headers: given, body }).then(({ status }) => status);
    expect(await post(headers, "{")).toBe(400);
    expect(await post(headers, "")).toBe(400);
    expect(await post({ ...headers, "content-type": "text/plain" }, "{}")).toBe(415);
    expect(await post(headers, legacyCall("trial/plain"))).toBe(400);
    expect(await post({ ...headers, "mcp-session-id": "x" }, legacyCall("trial/plain"))).toBe(404);
    expect((await fetch(url, { method: "PUT", headers })).status).toBeGreaterThanOrEqual(400);
  });
});
