import fs from "node:fs";
import http from "node:http";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { folderWith, runModelyard, startModelyard, type Run } from "./run-modelyard.ts";

const folders: string[] = [];
const runs: Run[] = [];
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill("SIGTERM");
    await run.ended;
  }
});
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true });
});

const admin = "an-administrators-key-of-some-length";
const plain = "a-callers-key-of-some-length-as-well";
const keys = [
  { name: "ops", key: admin, admin: true },
  { name: "ci", key: plain },
];

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

const backends = {
  echo: { type: "echo" },
  "llama-cpp": { enabled: false },
  huggingface: { enabled: false },
};

/** A folder whose configuration is this, and nothing but an echo behind it. */
function folderOf(server: object): string {
  const folder = folderWith({
    backends,
    models: [{ name: "parrot", targets: ["echo/x"] }],
    server,
  });
  folders.push(folder);
  return folder;
}

async function serve(directory: string): Promise<string> {
  const run = startModelyard(["serve"], { directory });
  runs.push(run);
  await run.saw("/mcp\n");
  const [, url = ""] = /(http:\S+)\/mcp/.exec(run.written.stdout) ?? [];
  return url;
}

const info = { name: "test", version: "1" };
const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

/** Starts `modelyard mcp` with this under `server`. */
async function connect(server: object): Promise<Client> {
  const client = new Client(info);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [path.resolve("src/cli/main.ts"), "mcp"],
      cwd: folderOf(server),
      stderr: "ignore",
    }),
  );
  return client;
}

describe("tools that change what runs", () => {
  it("are there on stdio where server.admin is on", async () => {
    const client = await connect({ admin: true });
    expect(await namesOf(client)).toEqual(
      expect.arrayContaining(["register_model", "remove_model"]),
    );
    expect(await namesOf(client)).toHaveLength(8);
    const call = (name: string, given: Record<string, unknown>) =>
      client.callTool({ name, arguments: given });
    expect(await call("register_model", { name: "mine", targets: ["echo/y"] })).toMatchObject({
      structuredContent: { name: "mine" },
    });
    const asking = { model: "mine", prompt: "hello" };
    expect((await call("chat", asking)).structuredContent).toMatchObject({ text: "hello" });
    expect(await call("register_model", { name: "x", targets: ["eco/y"] })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("targets[0]") }],
    });
    await call("remove_model", { name: "mine" });
    expect(await call("chat", asking)).toMatchObject({ isError: true });
    await client.close();
  });

  it("are not there on stdio where it is off", async () => {
    const client = await connect({});
    expect(await namesOf(client)).toHaveLength(6);
    const call = client.callTool({ name: "remove_model", arguments: { name: "parrot" } });
    await expect(call).rejects.toThrow("Unknown tool");
    await client.close();
  });

  it("are there over HTTP for a key that may, and for no other", async () => {
    const url = await serve(folderOf({ port: await freePort(), admin: true, keys }));
    for (const [key, may, expected] of [
      [admin, true, { name: "mine" }],
      [plain, false, 'Unknown tool "register_model".'],
    ] as const) {
      const client = new Client(info);
      const headers = { authorization: `Bearer ${key}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
      );
      expect((await namesOf(client)).includes("register_model")).toBe(may);
      const call = client.callTool({
        name: "register_model",
        arguments: { name: "mine", targets: ["echo/y"] },
      });
      const outcome = await call.then(
        ({ structuredContent }) => structuredContent,
        (error: Error) => error.message,
      );
      expect(outcome).toEqual(expected);
      await client.close();
    }
  });
});

describe("a server that runs is asked", () => {
  it("by models, backends, pull, unload and doctor, with the configuration's first key", async () => {
    const port = await freePort();
    const directory = folderOf({ port, admin: true, keys });
    const url = await serve(directory);
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
    const body = JSON.stringify({ targets: ["echo/z"] });
    await fetch(`${url}/api/models/mine`, { method: "POST", headers, body });

    const models = await runModelyard(["models", "--json"], { directory });
    expect(models.stderr).toBe(`Asked the server at ${url}.\n`);
    const names = (JSON.parse(models.stdout) as { models: { name: string }[] }).models;
    expect(names.map(({ name }) => name)).toEqual(["parrot", "mine"]);
    expect((await runModelyard(["models"], { directory })).stdout).toContain("added while it runs");
    expect((await runModelyard(["backends"], { directory })).stdout).toMatch(/echo +echo/);

    const pulled = await runModelyard(["pull", "eco/z"], { directory });
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain("error (model-not-found): No backend is called");
    const unloaded = await runModelyard(["unload", "mine"], { directory });
    expect([unloaded.code, unloaded.stdout]).toEqual([0, "mine is not in memory.\n"]);
    const doctor = await runModelyard(["doctor"], { directory });
    expect(doctor.stdout).toContain(`Modelyard runs at ${url}`);
  });

  it("with MODELYARD_KEY, and says what to set where that is wrong", async () => {
    const directory = folderOf({ port: await freePort(), keys: [{ name: "ci", key: plain }] });
    await serve(directory);
    const environment = { MODELYARD_KEY: "wrong" };
    const models = await runModelyard(["models"], { directory, environment });
    expect(models.code).toBe(1);
    expect(models.stderr).toContain("Set MODELYARD_KEY to another key of the server.");
  });

  it("and nobody else is: another program on that port gets no key", async () => {
    const heard: string[] = [];
    const other = http.createServer(({ url, headers }, response) => {
      heard.push(`${url} ${headers.authorization ?? "no key"}`);
      response.end('{"status":"ok"}');
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as net.AddressInfo;
    const models = await runModelyard(["models"], { directory: folderOf({ port, keys }) });
    other.close();
    expect(models.stderr).not.toContain("Asked the server");
    expect(models.stdout).toContain("parrot");
    expect(heard).toEqual(["/health no key"]);
  });
});
