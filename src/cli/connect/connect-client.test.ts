import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, type Client } from "./clients.ts";
import { connectClient, printEntry } from "./connect-client.ts";
import { createEntry } from "./create-entry.ts";
import { findClientFile, type Machine } from "./find-place.ts";
import { launchWords } from "./launch-words.ts";

let home: string;
let machine: Machine;
beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-connect-"));
  machine = { platform: "linux", home, directory: path.join(home, "project"), environment: {} };
});
afterAll(() => fs.rmSync(home, { recursive: true }));

const clientOf = (name: string): Client => clients.find((each) => each.name === name)!;
const launch = { command: "npx", args: ["-y", "modelyard", "mcp"] };
const url = "http://127.0.0.1:4600/mcp";
let files = 0;

/** What becomes of a text in a file of this client. */
async function put(name: string, text: string, way: Parameters<typeof createEntry>[1] = launch) {
  const file = path.join(home, `file-${files++}`);
  fs.writeFileSync(file, text, { mode: 0o600 });
  const client = clientOf(name);
  const wanted = { key: client.key, name: "modelyard", entry: createEntry(client, way) };
  const done = await connectClient(client, file, wanted).catch((error: Error) => error);
  return { done, file, text: fs.readFileSync(file, "utf8") };
}

describe("each client", () => {
  it.each(clients.map((client) => [client.name, client] as const))(
    "%s gets its entry into a file that is not there yet, and once more changes nothing",
    async (_, client) => {
      const file = findClientFile(client, machine);
      const wanted = { key: client.key, name: "modelyard", entry: createEntry(client, launch) };
      expect(await connectClient(client, file, wanted)).toEqual({ file, changed: true });
      expect(await connectClient(client, file, wanted)).toEqual({ file, changed: false });
      const text = fs.readFileSync(file, "utf8");
      expect(text).toBe(printEntry(client, wanted));
      if (client.format === "toml") return;
      expect(JSON.parse(text)).toEqual({ [client.key]: { modelyard: wanted.entry } });
    },
  );

  it.each<[string, NodeJS.Platform, NodeJS.ProcessEnv, string]>([
    [
      "claude-desktop",
      "darwin",
      {},
      "/h/Library/Application Support/Claude/claude_desktop_config.json",
    ],
    ["claude-desktop", "win32", { APPDATA: "C:\\A" }, "C:\\A\\Claude\\claude_desktop_config.json"],
    ["claude-desktop", "linux", {}, "/h/.config/Claude/claude_desktop_config.json"],
    ["vscode", "linux", { XDG_CONFIG_HOME: "/x" }, "/x/Code/User/mcp.json"],
    ["vscode", "win32", { APPDATA: "C:\\A" }, "C:\\A\\Code\\User\\mcp.json"],
    ["zed", "darwin", {}, "/h/.config/zed/settings.json"],
    ["codex", "linux", { CODEX_HOME: "/c" }, "/c/config.toml"],
    ["claude-code", "linux", {}, "/p/.mcp.json"],
    ["windsurf", "freebsd", {}, "/h/.codeium/windsurf/mcp_config.json"],
  ])("%s has its file where %s has it, with %j", (name, platform, environment, file) => {
    const where = { platform, home: "/h", directory: "/p", environment };
    expect(findClientFile(clientOf(name), where)).toBe(file);
  });
});

describe("a file that is there", () => {
  it("keeps its comments, its other servers and its rights, and is kept as it was", async () => {
    const before = `{
    // Mine.
    "editor.fontSize": 14,
    "context_servers": {
        "other": { "command": "x" }, // the first
    },
}
`;
    const { done, file, text } = await put("zed", before);
    expect(done).toEqual({ file, backup: `${file}.before-modelyard`, changed: true });
    expect(text).toContain("// Mine.");
    expect(text).toContain('"other": { "command": "x" }');
    expect(text).toContain('        "modelyard": {\n            "command": "npx",');
    for (const each of [file, `${file}.before-modelyard`])
      expect(fs.statSync(each).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(`${file}.before-modelyard`, "utf8")).toBe(before);
  });

  it("keeps what else an entry of the name holds, and loses the other way to reach it", async () => {
    const before = {
      mcpServers: { modelyard: { type: "http", url: "http://old", env: { A: "1" } } },
    };
    const { text } = await put("cursor", JSON.stringify(before));
    expect(JSON.parse(text)).toEqual({ mcpServers: { modelyard: { env: { A: "1" }, ...launch } } });
    const back = await put("gemini-cli", text, { url });
    expect(JSON.parse(back.text)).toEqual({
      mcpServers: { modelyard: { env: { A: "1" }, httpUrl: url } },
    });
  });

  it("may be empty", async () => {
    expect(JSON.parse((await put("claude-desktop", "")).text)).toEqual({
      mcpServers: { modelyard: launch },
    });
  });

  it.each<[string, string, RegExp]>([
    ["no JSON", '{ "mcpServers": {\n  "a": }', /it is no JSON: ValueExpected at line 2, column 8/],
    ["a list", "[]", /it holds no object/],
    ["servers that are a list", '{ "mcpServers": [] }', /"mcpServers" is no object/],
    [
      "an entry that is a text",
      '{ "mcpServers": { "modelyard": "x" } }',
      /"mcpServers.modelyard" is no object/,
    ],
  ])("with %s is left as it is, and told", async (_, before, says) => {
    const { done, text, file } = await put("cursor", before);
    expect(done).toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(says),
      remedy: expect.stringContaining("--print"),
    });
    expect(text).toBe(before);
    expect(fs.existsSync(`${file}.before-modelyard`)).toBe(false);
  });

  it("stays a link", async () => {
    const real = path.join(home, "dotfiles.json");
    const link = path.join(home, "link.json");
    fs.writeFileSync(real, "{}");
    fs.symlinkSync(real, link);
    const client = clientOf("cursor");
    await connectClient(client, link, { key: client.key, name: "m", entry: { command: "x" } });
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(real, "utf8")).toContain('"m"');
  });
});

describe("Codex's TOML", () => {
  it("gets a table at its end", async () => {
    const before = `model = "gpt-5" # mine\n\n[mcp_servers.other]\ncommand = "x"\n`;
    expect((await put("codex", before)).text).toBe(
      `${before}\n[mcp_servers.modelyard]\ncommand = "npx"\nargs = ["-y", "modelyard", "mcp"]\n`,
    );
  });

  it("keeps what else the table holds, and the tables after it", async () => {
    const before = `[mcp_servers."modelyard"] # ours
"command" = "old"
args = [
  "a]",
  "b",
]
startup_timeout_sec = 20

[mcp_servers.modelyard.env]
A = "1"
`;
    expect((await put("codex", before, { url })).text).toBe(`[mcp_servers."modelyard"] # ours
url = "${url}"
startup_timeout_sec = 20

[mcp_servers.modelyard.env]
A = "1"
`);
  });

  it.each<[string, string, string]>([
    [
      "the entry in another form",
      `mcp_servers = { modelyard = { command = "x" } }\n`,
      "no place for a table [mcp_servers.modelyard]",
    ],
    ["it as a key", `[mcp_servers]\nmodelyard = { command = "x" }\n`, "no place for a table"],
    ["it as dotted keys", `mcp_servers.modelyard.command = "x"\n`, "no place for a table"],
    [
      "a text that looks like it",
      `note = """\n[mcp_servers.modelyard]\n"""\n`,
      "no place for a table",
    ],
    [
      "a fault somewhere else",
      `model = "gpt-5"\n[profiles.fast\ntoken = "secret"\n`,
      "it is no TOML: ",
    ],
  ])("with %s is left as it is, and told", async (_, before, says) => {
    const { done, text } = await put("codex", before);
    const { message } = done as Error;
    expect(message).toContain(says);
    expect(message).not.toContain("secret");
    expect(text).toBe(before);
  });
});

it("refuses an address where the client's file takes none", () => {
  expect(() => createEntry(clientOf("claude-desktop"), { url })).toThrow("takes no address");
});

it.each<[Parameters<typeof launchWords>[0], ReturnType<typeof launchWords>]>([
  [
    { url: "file:///repo/dist/cli/connect/launch-words.js", node: "/bin/node", platform: "linux" },
    { command: "/bin/node", args: ["/repo/dist/cli/main.js"] },
  ],
  [
    {
      url: "file:///x/node_modules/modelyard/dist/cli/connect/launch-words.js",
      platform: "darwin",
    },
    { command: "npx", args: ["-y", "modelyard"] },
  ],
  [
    { url: "file:///x/node_modules/modelyard/dist/cli/connect/launch-words.js", platform: "win32" },
    { command: "cmd", args: ["/c", "npx", "-y", "modelyard"] },
  ],
])("is launched from %j as it was found", (from, words) => {
  expect(launchWords(from)).toEqual(words);
});
