import { afterEach, describe, expect, it } from "vitest";
import echo from "../../backends/echo.ts";
import openAiCompatible from "../../backends/openai-compatible/index.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Backend } from "../../contract/backend.ts";
import {
  createGate,
  createTestGateway,
  defineTestBackend,
  saying,
} from "../../gateway/__fixtures__/test-gateway.ts";
import type { ConfigurationInput } from "../../gateway/configuration.ts";
import { parseConfiguration } from "../../gateway/parse-configuration.ts";
import { askServer } from "../client/ask-server.ts";
import { createHttpServer } from "../server.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const admin = "an-administrators-key-of-some-length";
const plain = "a-callers-key-of-some-length-as-well";
const held = "a-key-that-is-held-to-one-model-only";
const keys = [
  { name: "ops", key: admin, admin: true },
  { name: "ci", key: plain },
  { name: "few", key: held, models: ["test/m"] },
];

async function serve(
  server: ConfigurationInput["server"] = { admin: true, keys },
  backend: Partial<Backend> = {},
) {
  const test = defineTestBackend("test", {
    capabilities: { chat: saying("hi") },
    listModels: async () => [{ name: "m" }],
    ...backend,
  });
  const definitions = [test, echo, openAiCompatible];
  const gateway = createTestGateway(definitions, { server });
  const parsed = parseConfiguration({ server }, { definitions, capabilities: [] });
  const mcpHandler = { handle() {}, async close() {} };
  const running = await createHttpServer({
    gateway,
    mcpHandler,
    log,
    port: 0,
    keys: parsed.server.keys,
  });
  closing.push(async () => {
    await running.close({ drainMs: 0 });
    await gateway.close({ drainMs: 0 });
  });
  async function ask(
    method: string,
    path: string,
    body?: unknown,
    key: string | undefined = admin,
  ) {
    const response = await fetch(running.url + path, {
      method,
      headers: {
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: () => JSON.parse(text) as Record<string, unknown>,
    };
  }
  return { url: running.url, gateway, ask };
}

describe("the port's administration", () => {
  it("adds, shows, replaces and takes out backends and models while it runs", async () => {
    const { ask } = await serve();
    const entry = {
      type: "openai-compatible",
      baseUrl: "http://user@127.0.0.1:9/v1?key=s3cret",
      apiKey: "s3cret",
    };
    const added = await ask("POST", "/api/backends", {
      name: "far",
      ...entry,
      baseUrl: "http://127.0.0.1:9/v1",
    });
    expect(added.status).toBe(201);
    expect(added.json()).toMatchObject({ name: "far", url: "http://127.0.0.1:9/v1", added: true });
    expect((await ask("POST", "/api/backends/far", { type: "echo" })).json()).toMatchObject({
      type: "echo",
    });
    const model = await ask("POST", "/api/models/assistant", { targets: ["far/x", "test/m"] });
    expect(model.status).toBe(201);
    expect((await ask("GET", "/api/models/assistant")).json()).toMatchObject({
      targets: ["far/x", "test/m"],
      added: true,
    });
    expect((await ask("GET", "/api/models/test/m")).status).toBe(200);
    const answer = await ask("POST", "/v1/chat/completions", {
      model: "assistant",
      messages: [{ role: "user", content: "hello" }],
    });
    expect(answer.text).toContain("hello");
    expect((await ask("GET", "/api/config")).json()).toMatchObject({
      overFile: [
        { kind: "backend", name: "far", change: "added" },
        { kind: "model", name: "assistant", change: "added" },
      ],
    });
    const gone = await ask("DELETE", "/api/backends/far");
    expect(gone.status).toBe(204);
    expect(gone.headers.get("x-modelyard-warnings")).toContain("assistant");
    const last = await ask("DELETE", "/api/models/assistant");
    expect(last.status).toBe(204);
    expect(last.headers.has("x-modelyard-warnings")).toBe(false);
    expect((await ask("GET", "/api/backends/far")).status).toBe(404);
  });

  it("repeats no secret that it was given", async () => {
    const { ask } = await serve();
    const entry = {
      type: "openai-compatible",
      baseUrl: "http://127.0.0.1:9/v1",
      apiKey: "s3cret-s3cret",
    };
    const told = [
      await ask("POST", "/api/backends/far", entry),
      await ask("GET", "/api/backends/far"),
      await ask("GET", "/api/backends?health=true"),
      await ask("GET", "/api/models?health=true"),
      await ask("GET", "/api/config"),
      await ask("POST", "/api/backends/far", { ...entry, apikey: "s3cret-s3cret" }),
    ];
    expect(told.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 400]);
    for (const { text } of told) expect(text).not.toContain("s3cret-s3cret");
  });

  it("takes a DELETE without a body whatever type it names", async () => {
    const { url, ask } = await serve();
    await ask("POST", "/api/backends/far", { type: "echo" });
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
    const gone = await fetch(`${url}/api/backends/far`, { method: "DELETE", headers });
    expect(gone.status).toBe(204);
  });

  it.each([
    ["POST", "/api/backends/x", { type: "echo" }],
    ["POST", "/api/models/x", { targets: ["test/m"] }],
    ["DELETE", "/api/backends/test", undefined],
    ["DELETE", "/api/models/x", undefined],
  ])("%s %s is for keys that may, where it is on", async (method, path, body) => {
    const on = await serve();
    expect((await on.ask(method, path, body, "")).status).toBe(401);
    const refused = await on.ask(method, path, body, plain);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("server.keys");
    const off = await serve({ keys });
    expect((await off.ask(method, path, body)).text).toContain("under server");
    const open = await serve({ admin: true });
    const keyless = await open.ask(method, path, body, "");
    expect([keyless.status, keyless.text]).toEqual([
      403,
      expect.stringContaining("No key was given"),
    ]);
    expect((await on.gateway.backends()).map(({ name }) => name)).toEqual(["test"]);
  });

  it("lets no command in", async () => {
    const { ask } = await serve();
    const auth = { type: "bearer", command: "touch /tmp/x" };
    const entry = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9", auth };
    const refused = await ask("POST", "/api/backends/x", entry);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("auth.command")]);
  });

  it("names what is wrong with a body", async () => {
    const { ask } = await serve();
    expect((await ask("POST", "/api/backends", { type: "echo" })).json()).toMatchObject({
      error: { code: "invalid-request", param: "name" },
    });
    expect((await ask("POST", "/api/models/a", { name: "b", targets: ["test/m"] })).status).toBe(
      400,
    );
    expect((await ask("POST", "/api/models/a", ["no"])).status).toBe(400);
    expect((await ask("POST", "/api/pull", { model: "test/m", sha: "x" })).json()).toMatchObject({
      error: { param: "sha" },
    });
    expect((await ask("POST", "/api/unload", {})).json()).toMatchObject({
      error: { param: "model" },
    });
  });

  it("tells what is configured to those who run it", async () => {
    const { ask } = await serve();
    expect((await ask("GET", "/api/config")).json()).toMatchObject({ admin: true });
    expect((await ask("GET", "/api/config", undefined, plain)).status).toBe(403);
    expect((await ask("POST", "/api/unload", { model: "test/m" }, held)).status).toBe(403);
  });
});

describe("a server that is asked instead of a gateway", () => {
  const pulling: Partial<Backend> = {
    async *pull(model) {
      yield { phase: "pull", model, doneBytes: 5, totalBytes: 10 };
      await new Promise((resolve) => setTimeout(resolve, 120));
      yield { phase: "pull", model, doneBytes: 10, totalBytes: 10 };
      if (model === "bad") throw new ModelyardError("storage-failed", "The disk is full.");
      return { name: model, sizeBytes: 10, sha256: "ab" };
    },
  };

  it("gives the same lists, pulls with progress, and unloads", async () => {
    const { url, gateway } = await serve(undefined, pulling);
    const server = askServer(url, admin);
    expect(await server.models({ health: true })).toEqual(await gateway.models({ health: true }));
    expect(await server.backends()).toEqual(await gateway.backends());
    expect(await server.models({ capability: "embedding" })).toEqual([]);
    const heard: unknown[] = [];
    const pulled = await server.pull("test/m", { onProgress: (event) => heard.push(event) });
    expect(pulled).toEqual({ model: "test/m", sizeBytes: 10, digest: "sha256:ab" });
    expect(heard).toEqual([
      { phase: "pull", model: "m", doneBytes: 5, totalBytes: 10 },
      { phase: "pull", model: "m", doneBytes: 10, totalBytes: 10 },
    ]);
    await server.unload("test/m");
    expect(await server.configuration()).toMatchObject({ admin: true });
  });

  it("throws what the gateway would, before and after something was told", async () => {
    const { url } = await serve(undefined, pulling);
    const server = askServer(url, plain);
    await expect(server.unload("tset/m")).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining("No backend is called"),
    });
    await expect(server.pull("/etc/passwd")).rejects.toMatchObject({ code: "forbidden" });
    await expect(server.pull("test/bad")).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringContaining("The disk is full."),
    });
    await expect(askServer(url, undefined).models()).rejects.toMatchObject({
      code: "unauthorized",
      remedy: "Set MODELYARD_KEY to a key of the server.",
    });
  });

  it("hears of a pull that is given up", async () => {
    const stopped = createGate();
    const { url } = await serve(undefined, {
      async *pull(model, { signal }) {
        yield { phase: "pull", model, doneBytes: 1 };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        stopped.open();
        throw signal.reason;
      },
    });
    const controller = new AbortController();
    const pulled = askServer(url, admin).pull("test/m", {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(pulled).rejects.toThrow("enough");
    await stopped.promise;
  });
});
