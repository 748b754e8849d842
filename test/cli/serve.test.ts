import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { once } from "node:events";
import { afterAll, describe, expect, it } from "vitest";
import { chaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { initialize } from "../../src/mcp/__fixtures__/http-requests.ts";
import { folderWith, runModelyard, startModelyard, type Run } from "./run-modelyard.ts";

const directory = folderWith({
  backends: { echo: { type: "echo" } },
  models: [{ name: "parrot", targets: ["echo/any"] }],
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** Where a server that has just been started says it listens. */
async function addressOf(run: Run): Promise<string> {
  await run.saw("/mcp\n");
  const [, url] =
    /^Modelyard answers OpenAI's clients at (http:\S+)\/v1 and serves MCP at \1\/mcp$/m.exec(
      run.written.stdout,
    ) ?? [];
  return url!;
}

describe("serve", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "answers until %s, then ends with 0",
    async (signal) => {
      const run = startModelyard(["serve", "--port", "0"], { directory });
      const url = await addressOf(run);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      run.child.kill(signal);
      const { code, stdout } = await run.ended;
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: `Modelyard answers OpenAI's clients at ${url}/v1 and serves MCP at ${url}/mcp\n`,
      });
    },
  );

  it("waits for an answer under way, and a second signal ends it at once", async () => {
    const run = startModelyard(["serve", "--port", "0"], { entry: "test/cli/slow-modelyard.ts" });
    const url = await addressOf(run);
    const call = startCall(url);
    await run.saw("chat began");
    run.child.kill("SIGTERM");
    await run.saw("waiting for calls under way");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(run.child.exitCode).toBeNull();
    const refused = await fetch(`${url}/v1/models`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    run.child.kill("SIGTERM");
    expect((await run.ended).code).toBe(143);
    await call;
  });

  it("optimizes the parser of answers, for which V8 takes 25 MB, only once calls are many", async () => {
    await using upstream = await chaosUpstream();
    const backends = { chaos: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } };
    const folder = folderWith({ backends });
    const entry = "test/cli/traced-modelyard.ts";
    const run = startModelyard(["serve", "--port", "0"], { directory: folder, entry });
    await run.saw("/mcp\n");
    const [, url] = /(http:\S+)\/v1 and serves/.exec(run.written.stdout) ?? [];
    const body = JSON.stringify({
      model: "chaos/chaos",
      messages: [{ role: "user", content: "?" }],
    });
    const headers = { "content-type": "application/json" };
    for (let calls = 0; calls < 8; calls++) {
      const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
      expect(await answer.json()).toHaveProperty("choices");
    }
    run.child.kill("SIGTERM");
    const [before, after] = (await run.ended).stdout.split("/mcp\n");
    // What strips the types off our sources is WebAssembly too, and is at work from the start.
    const compiled = [...after!.matchAll(/^Compiled function (\w+)#\d+ using (\w+)/gm)].filter(
      ([, module]) => !before!.includes(`${module}#`),
    );
    expect(new Set(compiled.map(([, , compiler]) => compiler))).toEqual(new Set(["Liftoff"]));
    fs.rmSync(folder, { recursive: true });
  });

  it("collects the garbage of calls quickly under a small heap too", async () => {
    const run = startModelyard(["serve", "--port", "0"], {
      directory,
      entry: "test/cli/traced-modelyard.ts",
      environment: { NODE_OPTIONS: "--max-old-space-size=120" },
    });
    await run.saw("/mcp\n");
    const [, url] = /(http:\S+)\/v1 and serves/.exec(run.written.stdout) ?? [];
    const messages = [{ role: "user", content: "word ".repeat(20_000) }];
    const body = JSON.stringify({ model: "echo/any", messages });
    const headers = { "content-type": "application/json" };
    const call = async () =>
      (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })).text();
    for (let round = 0; round < 12; round++) await Promise.all(Array.from({ length: 16 }, call));
    run.child.kill("SIGTERM");
    const [, after] = (await run.ended).stdout.split("/mcp\n");
    const count = (kind: string) => after!.split(`: ${kind} `).length - 1;
    expect(count("Mark-Compact")).toBeLessThan(count("Scavenge") / 10);
  });

  it("takes its file anew while it runs, and goes on with the former where it is broken", async () => {
    const folder = folderWith({ backends: { echo: { type: "echo" } } });
    const file = path.join(folder, "modelyard.json");
    const run = startModelyard(["serve", "--port", "0"], { directory: folder });
    const url = await addressOf(run);
    const alias = {
      backends: { echo: { type: "echo" } },
      models: [{ name: "new", targets: ["echo/x"] }],
    };
    fs.writeFileSync(file, JSON.stringify(alias));
    await run.saw("what it says now is in force");
    expect((await fetch(`${url}/v1/models/new`)).status).toBe(200);
    fs.writeFileSync(file, JSON.stringify({ ...alias, modelz: [] }));
    await run.saw("modelz: Unknown key");
    expect((await fetch(`${url}/v1/models/new`)).status).toBe(200);
    run.child.kill("SIGTERM");
    expect((await run.ended).code).toBe(0);
    fs.rmSync(folder, { recursive: true });
  });

  it("asks for the keys of its file, takes new ones while it runs, and tells nobody any", async () => {
    const folder = folderWith({});
    const file = path.join(folder, "modelyard.json");
    const made = await runModelyard(["keys", "new", "made", "--json"]);
    const { key, entry } = JSON.parse(made.stdout) as { key: string; entry: object };
    const write = (...keys: object[]) => {
      const server = { host: "0.0.0.0", keys };
      fs.writeFileSync(file, JSON.stringify({ backends: { echo: { type: "echo" } }, server }));
    };
    write({ name: "clear", key: "a-key-in-clear" });
    const words = ["serve", "--port", "0", "--log-level", "debug"];
    const run = startModelyard(words, { directory: folder });
    const url = (await addressOf(run)).replace("0.0.0.0", "127.0.0.1");
    const statusFor = async (token: string) =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    expect([await statusFor("a-key-in-clear"), await statusFor(key)]).toEqual([200, 401]);
    write(entry);
    await run.saw("what it says now is in force");
    expect([await statusFor("a-key-in-clear"), await statusFor(key)]).toEqual([401, 200]);
    write();
    await run.saw("Can be reached from other machines");
    expect(await statusFor(key)).toBe(200);
    write({ name: "clear", key: "a-key-in-clear", hash: "sha256:a-key-in-clear" });
    await run.saw("Needs either key or hash");
    const checked = await runModelyard(["config", "check", file]);
    expect(checked.code).toBe(2);
    run.child.kill("SIGTERM");
    const { stdout, stderr } = await run.ended;
    for (const said of [stdout, stderr, checked.stdout, checked.stderr])
      expect(said).not.toMatch(/a-key-in-clear|modelyard_/);
    fs.rmSync(folder, { recursive: true });
  });

  it("says that its port is taken", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const { code, stderr } = await runModelyard(["serve", "--port", String(port)], { directory });
    server.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use.`);
  });

  it("takes nothing of a file that would open it to other machines", async () => {
    const echo = { backends: { echo: { type: "echo" } } };
    const folder = folderWith({ ...echo, server: { keys: [{ name: "me", key: "the-only-key" }] } });
    const run = startModelyard(["serve", "--port", "0", "--host", "0.0.0.0"], {
      directory: folder,
    });
    const url = (await addressOf(run)).replace("0.0.0.0", "127.0.0.1");
    const file = path.join(folder, "modelyard.json");
    fs.writeFileSync(
      file,
      JSON.stringify({ ...echo, models: [{ name: "new", targets: ["echo/x"] }] }),
    );
    await run.saw("0.0.0.0 can be reached from other machines");
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    const headers = { authorization: "Bearer the-only-key" };
    expect((await fetch(`${url}/v1/models/new`, { headers })).status).toBe(404);
    run.child.kill("SIGKILL");
    await run.ended;
    fs.rmSync(folder, { recursive: true });
  });

  it("refuses an address that other machines reach", async () => {
    const { code, stderr } = await runModelyard(["serve", "--host", "0.0.0.0"], { directory });
    expect(code).toBe(2);
    expect(stderr).toContain("127.0.0.1");
  });
});

describe("mcp", () => {
  it("ends with a sentence where the configuration is wrong, with a client there", async () => {
    const bad = folderWith({ backends: { a: { type: "ecko" } } });
    const run = startModelyard(["mcp"], { directory: bad, inputStaysOpen: true });
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('Did you mean "echo"?');
    fs.rmSync(bad, { recursive: true });
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("ends at %s with 0", async (signal) => {
    const input = `${JSON.stringify(initialize)}\n`;
    const run = startModelyard(["mcp"], { directory, input, inputStaysOpen: true });
    await run.saw("serverInfo");
    run.child.kill(signal);
    expect((await run.ended).code).toBe(0);
  });

  it("answers on standard output alone and ends with its input", async () => {
    const input = `${JSON.stringify(initialize)}\n`;
    const { code, stdout } = await runModelyard(["mcp"], { directory, input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 1,
      result: { serverInfo: { name: "modelyard" } },
    });
  });
});

/** Calls the chat tool, whose answer never ends; gives when the connection has. */
async function startCall(url: string): Promise<void> {
  const body = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "chat",
      arguments: { prompt: "go" },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  };
  try {
    const response = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "chat",
      },
      body: JSON.stringify(body),
    });
    await response.text();
  } catch {
    // The connection ends with the server: that is what the test is about.
  }
}
