import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { createGate, pausing, saying } from "../gateway/__fixtures__/test-gateway.ts";
import { hello, serveBackend } from "./__fixtures__/serve-backend.ts";
import { speak } from "./__fixtures__/speak.ts";

const chat = saying("hi");
const chatPath = "/v1/chat/completions";
const json = JSON.stringify(hello);
const asText = { "content-type": "text/plain" };
const asForm = { "content-type": "application/x-www-form-urlencoded" };
const zipped = { "content-type": "application/json", "content-encoding": "gzip" };

it.each<[string, Record<string, string>, string | Buffer<ArrayBuffer>, string]>([
  ["JSON that is called text", asText, json, "`content-type: application/json`"],
  ["what curl sends unasked", asForm, json, "`content-type: application/json`"],
  ["a compressed body", zipped, gzipSync(json), "Send it uncompressed"],
])("%s is 415 and told what to send", async (_, headers, body, says) => {
  const { url } = await serveBackend({ chat });
  const response = await fetch(url + chatPath, { method: "POST", headers, body });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({
    error: { code: "invalid-request", message: expect.stringContaining(says) },
  });
});

it("a request of HTTP/1.1 without a Host is 400 in the shape of every error", async () => {
  const { url } = await serveBackend({ chat });
  const answer = await speak(url, "GET /health HTTP/1.1\r\nconnection: close\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1.1 400 .*x-request-id: .*"message":"The request has no Host/s);
});

it.each([
  ["/v1/classify", { input: "x", labels: ["a"], stream: true }, "stream"],
  ["/v1/embeddings", { model: "test/m", input: "x" }, "model"],
])("what %s can't do names the field", async (path, body, param) => {
  const { post } = await serveBackend({ chat });
  const response = await post(path, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param } });
});

it("models of an unknown capability are asked for in vain, and that is told", async () => {
  const { url } = await serveBackend({ chat });
  const response = await fetch(`${url}/api/models?capability=caht`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { param: "capability", message: expect.stringContaining('Did you mean "chat"?') },
  });
  expect((await fetch(`${url}/api/models?capability=chat`)).status).toBe(200);
});

it("a full queue is 503 and names no backend: none was asked", async () => {
  const gate = createGate();
  const { post } = await serveBackend(
    { chat: pausing(gate) },
    {},
    { backends: { test: { maxConcurrent: 1, maxQueue: 0 } } },
  );
  const first = await post(chatPath, { ...hello, stream: true });
  for (const stream of [false, true]) {
    const refused = await post(chatPath, { ...hello, stream });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("x-modelyard-attempts")).toBe("0");
    expect(refused.headers.get("x-modelyard-backend")).toBeNull();
    expect(await refused.json()).toMatchObject({ error: { code: "overloaded" } });
  }
  gate.open();
  expect(await first.text()).toContain("[DONE]");
});
