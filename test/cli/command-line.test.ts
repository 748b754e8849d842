import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderWith, runModelyard, startModelyard } from "./run-modelyard.ts";

const directory = folderWith({
  backends: { echo: { type: "echo" } },
  models: [{ name: "parrot", targets: ["echo/any"] }],
});
const main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
const slow = { entry: "test/cli/slow-modelyard.ts" };

afterAll(() => fs.rmSync(directory, { recursive: true }));

describe("chat", () => {
  it("answers on standard output, and writes nothing else there", async () => {
    const run = await runModelyard(["chat", "-m", "parrot", "hello", "you"], { directory });
    expect(run).toEqual({ code: 0, stdout: "hello you\n", stderr: "" });
  });

  it("logs each call where that is wanted", async () => {
    const words = ["chat", "-m", "parrot", "hello", "--log-level", "debug"];
    const { stdout, stderr } = await runModelyard(words, { directory });
    expect(stdout).toBe("hello\n");
    expect(stderr).toMatch(
      /^debug: chat of parrot by echo\/any: \S+; began after \d+ ms, ended after \d+ ms \(.+\)$/m,
    );
  });

  it("reads a pipe where there is no prompt, and where a dash stands for it", async () => {
    const input = "from a pipe\n";
    const piped = await runModelyard(["chat", "-m", "parrot"], { directory, input });
    expect(piped.stdout).toBe("from a pipe\n");
    const dashed = await runModelyard(["chat", "-m", "parrot", "say:", "-"], { directory, input });
    expect(dashed.stdout).toBe("say: from a pipe\n");
  });

  it("says that there is nothing to say", async () => {
    const { code, stderr } = await runModelyard(["chat", "-m", "parrot"], { directory });
    expect(code).toBe(2);
    expect(stderr).toContain("standard input is empty");
  });

  it("prints the whole result as one line of JSON", async () => {
    const run = await runModelyard(["chat", "-m", "parrot", "hi", "--json"], { directory });
    expect(JSON.parse(run.stdout)).toMatchObject({ text: "hi", backend: "echo", model: "any" });
    expect(run.stdout.trimEnd()).not.toContain("\n");
  });

  it("takes a conversation as a file", async () => {
    fs.writeFileSync(
      path.join(directory, "talk.json"),
      JSON.stringify([{ role: "user", content: "from a file" }]),
    );
    const words = ["chat", "-m", "parrot", "--messages", "@talk.json"];
    expect((await runModelyard(words, { directory })).stdout).toBe("from a file\n");
  });

  it("prints each tool that the model calls", async () => {
    const tools = JSON.stringify([
      { name: "now", inputSchema: { type: "object" } },
      { name: "get_weather", inputSchema: { type: "object" } },
    ]);
    const words = ["chat", "--tools", tools, "--tool-choice", "get_weather", "How is it in Paris?"];
    const run = await runModelyard(words, slow);
    expect(run).toEqual({
      code: 0,
      stdout: 'get_weather({"city":"Paris"})\nnow({})\n',
      stderr: "",
    });
  });

  it("ends at Ctrl-C with 130, keeps what was said, and stops the backend", async () => {
    const diary = path.join(directory, "diary");
    const run = startModelyard(["chat", "go"], { ...slow, environment: { SLOW_DIARY: diary } });
    await run.saw("word2");
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^word1 word2 .*\n$/);
    expect(stderr).toBe("");
    expect(fs.readFileSync(diary, "utf8")).toBe("chat stopped\n");
  });

  it("ends quietly when its reader goes away", async () => {
    const script = `"${process.execPath}" "${path.resolve(slow.entry)}" chat go | head -c 5`;
    const shell = spawn("bash", ["-c", `set -o pipefail; ${script}`]);
    let stdout = "";
    let stderr = "";
    shell.stdout.on("data", (data: Buffer) => (stdout += String(data)));
    shell.stderr.on("data", (data: Buffer) => (stderr += String(data)));
    const [code] = (await once(shell, "close")) as [number];
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "word1", stderr: "" });
  });
});

describe("the other capabilities", () => {
  it("get a verb each", async () => {
    const words = ["classify", "a good day", "--labels", "good,bad", "-m", "parrot", "--json"];
    const run = await runModelyard(words, { directory });
    // Echo answers with the text, which is none of the labels: the derived classification says so.
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: "invalid-response" } });
    expect(run.code).toBe(1);
    const completed = await runModelyard(["complete", "-m", "parrot", "Once"], { directory });
    expect(completed.stdout).toContain("Once");
  });

  it("refuse what their schema refuses", async () => {
    const run = await runModelyard(["classify", "x", "--labels", "one", "-m", "parrot"], {
      directory,
    });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("One label alone always wins");
  });
});

describe("pull", () => {
  it("shows bytes, ends at SIGTERM with 143 and says how it goes on", async () => {
    const diary = path.join(directory, "pull-diary");
    const run = startModelyard(["pull", "turtle"], { ...slow, environment: { SLOW_DIARY: diary } });
    await run.saw("bytes of 10.0 kB");
    run.child.kill("SIGTERM");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(143);
    expect(stdout).toBe("");
    expect(stderr).toContain("`modelyard pull turtle` goes on from here");
    expect(fs.readFileSync(diary, "utf8")).toBe("pull stopped\n");
  });
});

describe("lists", () => {
  it("show models and backends, for people and for programs", async () => {
    const models = await runModelyard(["models"], slow);
    expect(models.stdout).toContain("MODEL");
    expect(models.stdout).toMatch(/^slow\/turtle .*to be fetched$/m);
    // How far a prompt to each travels.
    const privacyOf = new Map(
      models.stdout.split("\n").map((line) => [line.split(" ", 1)[0], line]),
    );
    const place = privacyOf.get("MODEL")?.indexOf("PRIVACY") ?? -1;
    expect(place).toBeGreaterThan(0);
    expect(privacyOf.get("slow/turtle")?.slice(place)).toMatch(/^(device|network|remote) /);
    const data = await runModelyard(["models", "--json"], slow);
    expect(JSON.parse(data.stdout)).toMatchObject({
      models: [
        { name: "slow/snail", installed: true },
        { name: "slow/turtle", installed: false },
      ],
    });
    const backends = await runModelyard(["backends", "--json"], { directory });
    expect(JSON.parse(backends.stdout)).toMatchObject({
      kinds: expect.arrayContaining([expect.objectContaining({ type: "echo" })]) as unknown,
      backends: expect.arrayContaining([
        expect.objectContaining({ name: "echo", health: "healthy" }),
      ]) as unknown,
    });
  });
});

describe("the configuration", () => {
  it("is checked, and every problem told", async () => {
    const good = await runModelyard(["config", "check"], { directory });
    expect(good).toMatchObject({ code: 0, stderr: "" });
    const vain = folderWith({
      backends: {
        far: { type: "openai-compatible", baseUrl: "http://192.0.2.1", privacy: "device" },
      },
      models: [{ name: "lost", targets: ["far/x"], privacy: "device" }],
    });
    const warned = await runModelyard(["config", "check"], { directory: vain });
    expect(warned.code).toBe(0);
    expect(warned.stdout).toContain("Mind: backends.far.privacy: device is passed over");
    expect(warned.stdout).toContain('Mind: The model "lost" can go nowhere.');
    const shown = await runModelyard(["doctor", "--privacy"], { directory: vain });
    expect(shown.stdout).toContain("its address (the narrower device of its entry is passed over)");
    fs.rmSync(vain, { recursive: true });
    const bad = folderWith({ backends: { a: { type: "ecko" }, b: { type: "echo", timeout: 1 } } });
    const checked = await runModelyard(["config", "check"], { directory: bad });
    expect(checked.code).toBe(2);
    expect(checked.stderr).toContain('Did you mean "echo"?');
    expect(checked.stderr).toContain('Did you mean "timeouts"?');
    const chatted = await runModelyard(["chat", "hi", "--json"], { directory: bad });
    expect(chatted.code).toBe(2);
    expect(JSON.parse(chatted.stdout)).toMatchObject({ error: { code: "invalid-config" } });
    fs.rmSync(bad, { recursive: true });
  });

  it("has a JSON Schema with each kind's own keys", async () => {
    const { stdout } = await runModelyard(["config", "schema"]);
    const schema = JSON.parse(stdout) as {
      $defs: {
        configuration: {
          properties: { backends: { additionalProperties: { oneOf: { properties: object }[] } } };
        };
      };
    };
    const { properties } = schema.$defs.configuration;
    expect(properties.backends.additionalProperties.oneOf).toContainEqual(
      expect.objectContaining({
        properties: expect.objectContaining({ type: { const: "echo" } }) as unknown,
      }),
    );
  });

  it("that is named must be there", async () => {
    const { code, stderr } = await runModelyard(["models", "--config", "nowhere.json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("nowhere.json");
  });
});

describe("doctor", () => {
  it("finds an installation sound, or says what to do", async () => {
    const run = await runModelyard(["doctor", "--json"], { directory });
    const { healthy, findings } = JSON.parse(run.stdout) as {
      healthy: boolean;
      findings: { what: string; status: string }[];
    };
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["Modelyard", "Configuration", "Memory", "Port"]),
    );
    expect(run.code).toBe(healthy ? 0 : 1);
  });

  it("shows where a prompt can go, as a table and as JSON", async () => {
    const folder = folderWith({
      backends: {
        near: { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1" },
        far: { type: "openai-compatible", baseUrl: "https://192.0.2.1/v1" },
      },
      models: [{ name: "assistant", targets: ["near/a", "far/b"] }],
      privacy: { allow: "network" },
    });
    const environment = { HTTPS_PROXY: "http://me:secret@127.0.0.1:9", NO_PROXY: "" };
    const run = await runModelyard(["doctor", "--privacy"], { directory: folder, environment });
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("No prompt goes further than network");
    expect(run.stdout).toMatch(
      /far +remote +its address +192\.0\.2\.1 by the proxy 127\.0\.0\.1:9/,
    );
    expect(run.stdout).toContain(
      "✗ far/b  remote  192.0.2.1  by the proxy 127.0.0.1:9  not used: privacy.allow is network",
    );
    expect(run.stdout).not.toContain("secret");
    const json = await runModelyard(["doctor", "--privacy", "--json"], { directory: folder });
    expect(JSON.parse(json.stdout)).toMatchObject({
      allow: "network",
      aliases: [{ name: "assistant", privacy: "device", allowWider: false }],
    });
    const chat = await runModelyard(["chat", "-m", "far/b", "--privacy", "device", "a secret"], {
      directory: folder,
    });
    expect(chat.code).toBe(1);
    expect(chat.stderr).toMatch(/privacy-violation/);
    fs.rmSync(folder, { recursive: true });
  });

  it("fails where something is broken", async () => {
    const bad = folderWith("{ nonsense");
    const run = await runModelyard(["doctor"], { directory: bad });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("✗ Configuration:");
    fs.rmSync(bad, { recursive: true });
  });
});

it.skipIf(process.platform !== "linux")("says that its answer could not be written", () => {
  const full = fs.openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, [main, "chat", "-m", "parrot", "hi"], {
    cwd: directory,
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  fs.closeSync(full);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error \(storage-failed\): Standard output can't be written to: ENOSPC\.\n/,
  );
});

it("makes a key, a new one each time, and the entry that lets it in", async () => {
  const made = [
    await runModelyard(["keys", "new", "ci"]),
    await runModelyard(["keys", "new", "ci"]),
  ];
  for (const { code, stdout, stderr } of made) {
    const [key = "", entry = ""] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(key).toMatch(/^modelyard_[\w-]{43}$/);
    const hash = `sha256:${createHash("sha256").update(key).digest("hex")}`;
    expect(JSON.parse(entry)).toEqual({ name: "ci", hash });
    expect(stderr).not.toContain(key);
  }
  expect(made[0]?.stdout).not.toBe(made[1]?.stdout);
  const { stdout } = await runModelyard(["keys", "new", "ci", "--json"]);
  expect(JSON.parse(stdout)).toEqual({
    key: expect.stringMatching(/^modelyard_/) as string,
    entry: { name: "ci", hash: expect.stringMatching(/^sha256:[\da-f]{64}$/) as string },
  });
});

describe("wrong usage", () => {
  it.each([
    [["chat", "--modle", "x"], "(Did you mean --model?)"],
    [["chta"], "(Did you mean chat?)"],
    [["help", "chta"], "(Did you mean chat?)"],
    [["chta", "--help"], "(Did you mean chat?)"],
    [["help", "engine", "instal"], "(Did you mean install?)"],
    [["pull"], "missing required argument 'model'"],
    [["serve", "--port", "many"], "Give a number from 0 to 65535."],
    [["chat", "--temperature", "warm", "hi"], "Give a number at least 0 and at most 2."],
    [["chat", "--privacy", "local", "hi"], "Allowed choices are device, network, remote."],
    [["keys", "new"], "missing required argument 'name'"],
    [["keys", "new"], "Try `modelyard keys new --help`."],
    [["keys", "new", " "], "The name is empty"],
    [["keys", "list"], "unknown command 'list'"],
    [["chat", "--image", "nowhere.png", "look"], "Can't read the image nowhere.png"],
    [["chat", "--max-tokens", "0", "hi"], "--max-tokens"],
    [["chat", "--max-tokens", "0", "hi"], "Try `modelyard chat --help`."],
    [["chat", "-m", "", "hi"], "The name is empty"],
    [["embed", "-m", " ", "hi"], "The name is empty"],
    [["pull", ""], "The name is empty"],
    [["chat", "--tools", "{}", "hi"], "See `modelyard chat --help`."],
  ])("%j: 2, with a hint", async (words, hint) => {
    const { code, stdout, stderr } = await runModelyard(words);
    expect(stderr).toContain(hint);
    expect(stderr).toMatch(/^error \(invalid-request\): /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("names the nearest model", async () => {
    const run = await runModelyard(["chat", "-m", "parot", "hi"], { directory });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('Did you mean "parrot"?');
  });
});

describe("connect", () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-home-"));
  const environment = { HOME: home, XDG_CONFIG_HOME: "", CODEX_HOME: "" };
  afterAll(() => fs.rmSync(home, { recursive: true }));

  it("lists the clients it knows, and which of them are here", async () => {
    fs.mkdirSync(path.join(home, ".cursor"));
    const { stdout, stderr } = await runModelyard(["connect"], { environment });
    expect(stdout).toMatch(/^cursor +Cursor +yes +.*mcp\.json$/m);
    expect(stdout).toMatch(/^claude-desktop +Claude Desktop +- /m);
    expect(stderr).toContain("modelyard connect <client>");
  });

  it("writes an entry that launches this program with what was given, by whole paths", async () => {
    const words = ["connect", "cursor", "--config", "modelyard.json", "--json"];
    const { code, stdout } = await runModelyard(words, { directory, environment });
    expect(code).toBe(0);
    const { file, entry } = JSON.parse(stdout) as {
      file: string;
      entry: { command: string; args: string[] };
    };
    expect(file).toBe(path.join(home, ".cursor", "mcp.json"));
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual({ mcpServers: { modelyard: entry } });
    const config = fs.realpathSync(path.join(directory, "modelyard.json"));
    expect(entry.args.slice(-3)).toEqual(["mcp", "--config", config]);
    // It is a command that works.
    const { args } = entry;
    const version = execFileSync(entry.command, [...args.slice(0, -3), "--version"]);
    expect(String(version)).toMatch(/^\d/);
  });

  it("prints the entry for a server that runs, and writes nothing", async () => {
    const words = ["connect", "codex", "--http", "--print"];
    const { stdout } = await runModelyard(words, { directory, environment });
    expect(stdout).toMatch(
      /^\[mcp_servers\.modelyard\]\nurl = "http:\/\/127\.0\.0\.1:\d+\/mcp"\n$/,
    );
    expect(fs.existsSync(path.join(home, ".codex"))).toBe(false);
  });

  it("names the nearest client", async () => {
    const { code, stderr } = await runModelyard(["connect", "claude-destop"], { environment });
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "claude-desktop"?');
  });

  it("takes no name that would not be one in every client's file", async () => {
    const words = ["connect", "codex", "--name", "my server", "--print"];
    const { code, stderr } = await runModelyard(words, { environment });
    expect(code).toBe(2);
    expect(stderr).toContain("begins with a letter");
  });
});

describe("help", () => {
  it("is there for everything, on standard output", async () => {
    const all = await runModelyard(["--help"]);
    expect(all.code).toBe(0);
    for (const name of ["chat", "complete", "embed", "classify", "mcp", "serve", "models", "pull"])
      expect(all.stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
    expect(all.stdout).toMatch(/^ {2}keys /m);
    expect(all.stdout).toMatch(/^ {2}connect /m);
    const one = await runModelyard(["help", "classify"]);
    expect(one.stdout).toContain("--labels <a,b,…>");
    expect(one.stdout).toContain("$XDG_CONFIG_HOME/modelyard/modelyard.json");
    const inner = await runModelyard(["engine", "install", "--help"]);
    expect(inner.stdout).toContain("--gpu");
  });

  it("tells the version", async () => {
    const { version } = JSON.parse(
      fs.readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8"),
    ) as { version: string };
    expect((await runModelyard(["--version"])).stdout).toBe(`${version}\n`);
  });
});

it("says in one sentence that Node is too old", async () => {
  const preload = path.join(directory, "old-node.mjs");
  fs.writeFileSync(
    preload,
    'Object.defineProperty(process.versions, "node", { value: "18.20.1" });',
  );
  const child = spawn(process.execPath, ["--import", preload, main, "--version"]);
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += String(data)));
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(1);
  expect(stderr).toBe("modelyard needs Node 22.19 or newer; this is 18.20.1.\n");
});
