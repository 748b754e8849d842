// Makes `modelyard.mcpb`, which desktop clients install with a click: the package as it is published, and what it depends on.
// `npm run bundle`, after a build. The manifest is validated and the bundle packed by the format's own tool, and the result is tried.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const repository = path.resolve(import.meta.dirname, "..");
const tool = "@anthropic-ai/mcpb@2.1.2";
const bundle = path.join(repository, "modelyard.mcpb");
const entry = "server/node_modules/modelyard/dist/cli/main.js";
const { version, description, license, keywords, engines } = JSON.parse(
  fs.readFileSync(path.join(repository, "package.json"), "utf8"),
) as {
  version: string;
  description: string;
  license: string;
  keywords: string[];
  engines: { node: string };
};

const manifest = {
  manifest_version: "0.3",
  name: "modelyard",
  display_name: "Modelyard",
  version,
  description,
  long_description:
    "Chat, completion, embedding and classification as tools: from small models that run inside it, from what runs on this device already, and from servers and clouds where its configuration allows them. Its configuration is modelyard/modelyard.json in the folder of your configurations; without one it works all the same.",
  author: { name: "The authors of Modelyard" },
  license,
  keywords,
  server: {
    type: "node",
    entry_point: entry,
    mcp_config: { command: "node", args: [`\${__dirname}/${entry}`, "mcp"] },
  },
  tools: [
    { name: "chat", description: "Chat with a model." },
    { name: "complete", description: "Continue a text." },
    { name: "embed", description: "Turn texts into vectors." },
    { name: "classify", description: "Sort a text into labels." },
    { name: "list_models", description: "What there is, and what it can do." },
    { name: "pull_model", description: "Fetch another model." },
  ],
  // A configured backend and plugins may bring more.
  tools_generated: true,
  compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: engines.node } },
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-bundle-"));
try {
  const server = path.join(folder, "server");
  fs.mkdirSync(server);
  fs.writeFileSync(path.join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  fs.copyFileSync(path.join(repository, "LICENSE"), path.join(folder, "LICENSE"));
  const tarball = pack(folder);
  fs.writeFileSync(path.join(server, "package.json"), JSON.stringify({ private: true }));
  const quiet = ["--no-audit", "--no-fund", "--omit=peer", "--no-package-lock"];
  run("npm", ["install", ...quiet, tarball], server);
  fs.rmSync(tarball);
  run("npx", ["--yes", tool, "validate", "manifest.json"], folder);
  run("npx", ["--yes", tool, "pack", ".", bundle], folder);
  const tools = await listTools(path.join(folder, entry));
  const lacking = manifest.tools.filter(({ name }) => !tools.includes(name));
  if (lacking.length > 0) throw new Error(`It lacks ${lacking.map(({ name }) => name).join(", ")}`);
  console.log(`✓ validates, starts and lists ${tools.length} tools: ${tools.join(", ")}`);
  console.log(`✓ ${bundle}: ${(fs.statSync(bundle).size / 1e6).toFixed(1)} MB`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

function pack(to: string): string {
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", to];
  const output = execFileSync("npm", words, { cwd: repository, encoding: "utf8" });
  const [packed] = Object.values(JSON.parse(output) as Record<string, { filename: string }>);
  return path.join(to, packed!.filename);
}

function run(command: string, words: string[], cwd: string): void {
  execFileSync(command, words, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

/** What a client sees that starts it as the manifest says. */
async function listTools(file: string): Promise<string[]> {
  const client = new Client({ name: "bundle", version: "1.0.0" });
  const empty = { XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [file, "mcp"],
      cwd: folder,
      env: { ...(process.env as Record<string, string>), ...empty },
    }),
  );
  try {
    return (await client.listTools()).tools.map(({ name }) => name);
  } finally {
    await client.close();
  }
}
