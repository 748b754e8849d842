import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import type { Handlers } from "../../contract/backend.ts";
import type { ServerKey } from "../../gateway/configuration.ts";
import { saying } from "../../gateway/__fixtures__/test-gateway.ts";
import { speak } from "../__fixtures__/speak.ts";
import { dataOf, hello, serveBackend } from "../__fixtures__/serve-backend.ts";

const chatPath = "/v1/chat/completions";
const keys: ServerKey[] = [
  { name: "ci", key: "key-of-ci", models: ["test/m"], admin: false },
  { name: "near", key: "key-of-near", privacy: "device", admin: false },
  { name: "free", key: "key-of-free", admin: false },
];
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

describe("a server with keys", () => {
  it("lets nobody in without one, but says whether it lives, and what is not there", async () => {
    const { url, post, lines } = await serveBackend({ chat: saying("hi") }, { keys });
    const status = async (path: string, init?: RequestInit) =>
      (await fetch(url + path, init)).status;
    for (const path of ["/health", "/ready"]) expect(await status(path)).toBe(200);
    for (const path of ["/nothing", "/.well-known/oauth-protected-resource"])
      expect(await status(path)).toBe(404);
    for (const path of ["/v1/models", "/v1/models/m", "/mcp"]) expect(await status(path)).toBe(401);
    expect(await status("/v1/models", { method: "HEAD" })).toBe(401);
    for (const init of [{}, bearer("key-of-cj"), { headers: { authorization: "Basic a2V5" } }]) {
      const response = await post(chatPath, hello, init);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="modelyard"');
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({
        error: { code: "unauthorized", type: "invalid_request_error" },
      });
      expect(text).not.toContain("key-of");
    }
    expect((await post(chatPath, hello, bearer("key-of-free"))).status).toBe(200);
    expect(lines.join("\n")).not.toContain("key-of");
  });

  it("refuses before it reads: a body that never comes keeps nobody waiting", async () => {
    const { url } = await serveBackend({ chat: saying("hi") }, { keys });
    const head = `POST ${chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
    const half = `${head}content-length: 1000\r\nconnection: close\r\n\r\n{"model":`;
    expect(await speak(url, half)).toMatch(/^HTTP\/1.1 401 .*"code":"unauthorized"/s);
  });

  it("holds a key to its models, in calls and lists", async () => {
    const { url, post } = await serveBackend({ chat: saying("hi") }, { keys });
    const ask = (model: string, key: string) => post(chatPath, { ...hello, model }, bearer(key));
    expect((await ask("test/m", "key-of-ci")).status).toBe(200);
    const refused = await ask("test/owner/m", "key-of-ci");
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      error: {
        code: "forbidden",
        message: expect.stringMatching(/"ci" may not ask "test\/owner\/m".*ask test\/m;/) as string,
      },
    });
    expect((await ask("test/owner/m", "key-of-free")).status).toBe(200);
    for (const path of ["/metrics", "/api/backends", "/api/backends/test"]) {
      const told = await fetch(url + path, bearer("key-of-ci"));
      expect([path, told.status]).toEqual([path, 403]);
      expect(await told.text()).not.toMatch(/healthy|openai|memory/);
      expect((await fetch(url + path, bearer("key-of-free"))).status).toBe(200);
    }
    const list = await fetch(`${url}/v1/models`, bearer("key-of-ci"));
    expect(((await list.json()) as { data: object[] }).data).toMatchObject([{ id: "test/m" }]);
    const hidden = await fetch(`${url}/v1/models/test/owner/m`, bearer("key-of-ci"));
    expect(hidden.status).toBe(404);
  });

  it("shows each what became of their own calls, and all to who may change what runs", async () => {
    const admin = { name: "boss", key: "key-of-boss", admin: true };
    const { url, post } = await serveBackend({ chat: saying("hi") }, { keys: [...keys, admin] });
    const headers = { ...bearer("key-of-ci").headers, "x-request-id": "call-of-ci" };
    await (await post(chatPath, hello, { headers })).text();
    const read = async (key: string) =>
      (await fetch(`${url}/api/calls/call-of-ci`, bearer(key))).status;
    expect(await read("key-of-ci")).toBe(200);
    expect(await read("key-of-free")).toBe(404);
    expect(await read("key-of-boss")).toBe(200);
  });

  it("takes no prompt further than the narrowest of key, header and body", async () => {
    const remote = { backends: { test: { type: "test", privacy: "remote" as const } } };
    const { post } = await serveBackend({ chat: saying("hi") }, { keys }, remote);
    const ask = async (key: string, body: object, headers: Record<string, string> = {}) => {
      const init = { headers: { ...bearer(key).headers, ...headers } };
      const response = await post(chatPath, { ...hello, ...body }, init);
      return [response.status, ((await response.json()) as { error?: object }).error];
    };
    const violation = [403, expect.objectContaining({ code: "privacy-violation" }) as object];
    expect(await ask("key-of-free", {})).toEqual([200, undefined]);
    expect(await ask("key-of-free", { privacy: "remote" })).toEqual([200, undefined]);
    expect(await ask("key-of-free", { privacy: "network" })).toEqual(violation);
    expect(await ask("key-of-free", {}, { "x-modelyard-privacy": "device" })).toEqual(violation);
    expect(await ask("key-of-near", { privacy: "remote" })).toEqual(violation);
  });

  it("takes new keys while it runs, and ends what a revoked one has under way", async () => {
    const gate = Promise.withResolvers<void>();
    const called = Promise.withResolvers<void>();
    const stopped: string[] = [];
    let waiting = 0;
    const chat: NonNullable<Handlers["chat"]> = async function* (
      { messages },
      { signal },
    ): AsyncGenerator<ChatEvent> {
      signal.addEventListener("abort", () => stopped.push(String(signal.reason.code)));
      if (messages.length === 2) yield { type: "text-delta", text: "begun" };
      if (++waiting === 4) called.resolve();
      await gate.promise;
      yield { type: "text-delta", text: "late" };
      yield { type: "finish", reason: "stop", usage: {} };
    };
    const { post, server } = await serveBackend({ chat }, { keys });
    const begun = { ...hello, messages: [...hello.messages, ...hello.messages], stream: true };
    const [whole, unbegun, streamed, other] = [
      post(chatPath, hello, bearer("key-of-ci")),
      post(chatPath, { ...hello, stream: true }, bearer("key-of-ci")),
      post(chatPath, begun, bearer("key-of-ci")),
      post(chatPath, begun, bearer("key-of-free")),
    ];
    await called.promise;
    server.setKeys(keys.filter(({ name }) => name !== "ci"));
    for (const response of [await whole, await unbegun]) {
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
    }
    const text = await (await streamed).text();
    expect(dataOf(text)).toMatchObject([
      { choices: [{ delta: { content: "begun" } }] },
      { error: { code: "unauthorized", message: expect.stringContaining("revoked") as string } },
    ]);
    expect(text).toContain("event: error\n");
    expect(stopped).toEqual(["unauthorized", "unauthorized", "unauthorized"]);
    gate.resolve();
    expect(dataOf(await (await other).text()).at(-1)).toBe("[DONE]");
    expect((await post(chatPath, hello, bearer("key-of-ci"))).status).toBe(401);
    server.setKeys([...keys, { name: "new", key: "key-of-new", admin: false }]);
    expect((await post(chatPath, hello, bearer("key-of-new"))).status).toBe(200);
  });
});

describe("an address that others can reach", () => {
  const chat = saying("hi");

  it.each(["0.0.0.0", "::", "[::]", "192.168.1.2", "modelyard.example", ""])(
    "%j asks for keys before it listens",
    async (host) => {
      await expect(serveBackend({ chat }, { host })).rejects.toMatchObject({
        code: "invalid-config",
        message: `${host} can be reached from other machines.`,
        remedy: expect.stringContaining("modelyard keys new") as string,
      });
    },
  );

  it("is served with keys, under any name, and can't lose the last of them", async () => {
    const { server, post } = await serveBackend({ chat }, { host: "0.0.0.0", keys });
    const url = server.url.replace("0.0.0.0", "127.0.0.2");
    const list = await fetch(`${url}/v1/models`, bearer("key-of-free"));
    expect(list.status).toBe(200);
    expect((await post(chatPath, hello)).status).toBe(401);
    expect(() => server.setKeys([])).toThrow("can be reached from other machines");
    expect((await post(chatPath, hello, bearer("key-of-free"))).status).toBe(200);
  });

  it("on loopback keys may come and go", async () => {
    const { server, post } = await serveBackend({ chat });
    expect((await post(chatPath, hello, bearer("anything"))).status).toBe(200);
    server.setKeys(keys);
    expect((await post(chatPath, hello)).status).toBe(401);
    server.setKeys([]);
    expect((await post(chatPath, hello)).status).toBe(200);
  });
});
