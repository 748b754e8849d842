import { afterEach, describe, expect, it } from "vitest";
import type { ServerKey } from "../gateway/configuration.ts";
import { createHttpServer, type HttpServer } from "../http/server.ts";
import { createTrialGateway, silentLog } from "./__fixtures__/trial-gateway.ts";
import {
  capabilities,
  headers,
  initializeBody,
  legacyCall,
  modernCall,
  version,
} from "./__fixtures__/http-requests.ts";
import { createMcpHttpHandler } from "./http.ts";

const keys: ServerKey[] = [
  {
    name: "one",
    key: "key-one",
    models: ["trial/plain", "trial/stuck", "trial/wide"],
    admin: false,
  },
  { name: "two", key: "key-two", admin: false },
];

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

interface Served {
  readonly server: HttpServer;
  /** Sends a message of either era with a key; gives the answer's status, and the last message in it. */
  ask(
    key: string | undefined,
    init: { headers: Record<string, string>; body: string },
  ): Promise<Said>;
  /** Opens a session of the 2025 era; gives the headers of requests in it. */
  openSession(key: string): Promise<Record<string, string>>;
}

interface Said {
  readonly status: number;
  readonly text: string;
}

async function serve(): Promise<Served> {
  const gateway = createTrialGateway();
  const mcpHandler = createMcpHttpHandler(gateway, { version: "0.0.0", log: silentLog });
  const server = await createHttpServer({ gateway, mcpHandler, log: silentLog, port: 0, keys });
  open.push(async () => {
    await server.close({ drainMs: 0 });
    await gateway.close({ drainMs: 0 });
  });
  const post = (key: string | undefined, init: { headers: Record<string, string>; body: string }) =>
    fetch(`${server.url}/mcp`, {
      method: "POST",
      body: init.body,
      headers: { ...init.headers, ...(key && { authorization: `Bearer ${key}` }) },
    });
  return {
    server,
    async ask(key, init) {
      const response = await post(key, init);
      return { status: response.status, text: await response.text() };
    },
    async openSession(key) {
      const response = await post(key, { headers, body: initializeBody() });
      await response.text();
      return { ...headers, "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
    },
  };
}

/** A request of the 2026 era. */
function modern(method: string, params: Record<string, unknown>, name = "") {
  const envelope = { [version]: "2026-07-28", [capabilities]: {} };
  return {
    headers: {
      ...headers,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(name === "" ? {} : { "mcp-name": name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: envelope } }),
  };
}

const tool = (name: string, given: object) =>
  modern("tools/call", { name, arguments: given }, name);
const resource = (uri: string) => modern("resources/read", { uri }, uri);

describe("MCP over HTTP with keys", () => {
  it("lets nobody in without one, in either era", async () => {
    const { ask } = await serve();
    for (const key of [undefined, "key-three"])
      for (const init of [{ headers, body: initializeBody() }, modernCall("trial/plain")])
        expect(await ask(key, init)).toMatchObject({
          status: 401,
          text: expect.stringContaining('"code":"unauthorized"') as string,
        });
  });

  it("a session belongs to the key that opened it", async () => {
    const { ask, openSession } = await serve();
    const call = { headers: await openSession("key-one"), body: legacyCall("trial/plain", "mine") };
    expect((await ask("key-one", call)).text).toContain('"mine"');
    expect((await ask("key-two", call)).status).toBe(404);
    expect((await ask(undefined, call)).status).toBe(401);
    expect((await ask("key-one", call)).status).toBe(200);
  });

  it("holds a key to its models, in either era: calls, lists, resources, pulls", async () => {
    const { ask, openSession } = await serve();
    const session = await openSession("key-one");
    const forbidden = /forbidden: The key \\"one\\" may not ask/;
    expect((await ask("key-one", modernCall("trial/slow"))).text).toMatch(forbidden);
    const legacy = { headers: session, body: legacyCall("trial/slow") };
    expect((await ask("key-one", legacy)).text).toMatch(forbidden);
    const pull = await ask("key-one", tool("pull_model", { model: "trial/slow" }));
    expect(pull.text).toMatch(forbidden);
    for (const init of [
      tool("list_models", {}),
      resource("models://list"),
      modern("resources/list", {}),
    ]) {
      const { text } = await ask("key-one", init);
      expect(text).toContain("trial/plain");
      expect(text).not.toMatch(/trial\/slow|echo\//);
      expect((await ask("key-two", init)).text).toContain("trial/slow");
    }
    expect((await ask("key-one", resource("models://trial/slow"))).text).toMatch(/not found/i);
  });

  it("tells of the health of all to keys that are not held to models", async () => {
    const { ask, openSession, server } = await serve();
    const [one, two] = [await openSession("key-one"), await openSession("key-two")];
    const heard = { one: "", two: "" };
    const listen = async (name: "one" | "two", session: Record<string, string>) => {
      const { body } = await fetch(`${server.url}/mcp`, {
        headers: { ...session, accept: "text/event-stream", authorization: `Bearer key-${name}` },
      });
      const decoder = new TextDecoder();
      for await (const chunk of body as ReadableStream<Uint8Array>)
        heard[name] += decoder.decode(chunk);
    };
    const listening = [listen("one", one), listen("two", two)];
    await ask("key-two", modernCall("trial/broken"));
    await expect.poll(() => heard.two).toContain('"logger":"health"');
    server.setKeys([]);
    await Promise.allSettled(listening);
    expect(heard.one).not.toContain('"logger":"health"');
  });

  it("keeps a large result for the key that asked", async () => {
    const { ask } = await serve();
    const input = Array.from({ length: 10 }, () => "a");
    const { text } = await ask("key-one", tool("embed", { input, model: "trial/wide" }));
    const [uri = ""] = /results:\/\/[\w-]+/.exec(text) ?? [];
    expect(uri).not.toBe("");
    expect((await ask("key-two", resource(uri))).text).toMatch(/not found/i);
    expect((await ask("key-one", resource(uri))).text).toContain("[[");
  });

  it("heeds how far a prompt may travel, in arguments and headers", async () => {
    const { ask } = await serve();
    const init = modernCall("trial/plain");
    const wrong = { ...init, headers: { ...init.headers, "x-modelyard-privacy": "near" } };
    expect((await ask("key-two", wrong)).text).toContain("x-modelyard-privacy: Must be device");
    const late = { ...init, headers: { ...init.headers, "x-modelyard-timeout-ms": "no" } };
    expect((await ask("key-two", late)).text).toContain("x-modelyard-timeout-ms: Must be a whole");
    const near = tool("chat", { prompt: "near", model: "trial/plain", privacy: "device" });
    expect((await ask("key-two", near)).text).toContain('"near"');
  });

  it("ends the calls, streams and sessions of a key that is revoked, and no other's", async () => {
    const { ask, openSession, server } = await serve();
    const [session, other] = [await openSession("key-one"), await openSession("key-two")];
    const listening = fetch(`${server.url}/mcp`, {
      headers: { ...session, accept: "text/event-stream", authorization: "Bearer key-one" },
    });
    const stream = (await listening).text();
    const calls = [
      ask("key-one", { headers: session, body: legacyCall("trial/stuck") }),
      ask("key-one", modernCall("trial/stuck")),
    ];
    await expect.poll(async () => (await ask("key-two", tool("list_models", {}))).status).toBe(200);
    server.setKeys(keys.filter(({ name }) => name === "two"));
    for (const { text } of await Promise.all(calls))
      expect(text).toMatch(/unauthorized: The key \\"one\\" was revoked/);
    // It ends: nobody is kept listening.
    await stream;
    expect((await ask("key-one", modernCall("trial/plain"))).status).toBe(401);
    server.setKeys(keys);
    const late = { headers: session, body: legacyCall("trial/plain") };
    expect((await ask("key-one", late)).status).toBe(404);
    const going = { headers: other, body: legacyCall("trial/plain", "going on") };
    expect((await ask("key-two", going)).text).toContain('"going on"');
  });
});
