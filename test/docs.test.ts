import { execFile, execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readConfiguration } from "../src/app/read-configuration.ts";
import { clients } from "../src/cli/connect/clients.ts";
import { printEntry } from "../src/cli/connect/connect-client.ts";
import { createEntry } from "../src/cli/connect/create-entry.ts";
import { generated, inPattern } from "../tools/write-docs.ts";
import { guideFiles } from "./guide-files.ts";
import { startModelyard, type Run } from "./cli/run-modelyard.ts";
import { tinyModels } from "./models/tiny-models.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");
const pages = [
  "README.md",
  ...fs
    .readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll(path.sep, "/")}`),
];

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const blocks = pages.flatMap((page): Block[] => {
  const source = fs.readFileSync(path.join(root, page), "utf8");
  return [...source.matchAll(/^```(\w+)\n([^]*?)^```/gm)].map((match) => ({
    page,
    line: source.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
});

const written = (language: string) => blocks.filter((block) => block.language === language);

/** The default models are large; tiny ones that know a sentence stand in for them. */
let folder: string;
beforeAll(async () => {
  const { chatGguf, onnxDirectory } = await tinyModels();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-docs-"));
  const configuration = {
    backends: {
      "llama-cpp": { type: "llama-cpp", modelsDir: path.dirname(chatGguf), threads: 1 },
      huggingface: { type: "huggingface", cacheDir: onnxDirectory, threads: 1 },
    },
    models: [{ name: "assistant", targets: [`llama-cpp/${path.basename(chatGguf)}`] }],
    defaults: {
      chat: `llama-cpp/${path.basename(chatGguf)}`,
      embedding: "huggingface/test/embed",
      classification: "huggingface/test/embed",
    },
  };
  fs.writeFileSync(path.join(folder, "modelyard.json"), JSON.stringify(configuration));
  return () => fs.rmSync(folder, { recursive: true });
});

describe.each(generated)("$marker", ({ file, marker, text }) => {
  it("is what the code says", () => {
    const page = fs.readFileSync(file, "utf8");
    const place = inPattern(marker);
    const between = new RegExp(`<!-- ${place} -->\\s*([^]*?)\\s*<!-- /${place} -->`);
    expect(squeeze(between.exec(page)?.[1] ?? "")).toBe(squeeze(text.trim()));
  });
});

/** Formatting pads the cells of a table. */
function squeeze(markdown: string): string {
  return markdown.replaceAll(/ +/g, " ").replaceAll(/-+/g, "-");
}

/** A reader's imports, as they lead to what stands here. */
function withOwnPaths(text: string): string {
  const own = {
    "modelyard/testing": "src/testing/index.ts",
    "modelyard/backend": "src/contract/index.ts",
    modelyard: "src/index.ts",
  };
  return Object.entries(own)
    .reduce(
      (source, [name, file]) =>
        source.replaceAll(` "${name}"`, ` ${JSON.stringify(path.join(root, file))}`),
      text,
    )
    .replaceAll('"zod"', JSON.stringify(import.meta.resolve("zod")));
}

const isPlugin = ({ text }: Block) => text.includes("export default");

function writeModule({ text, line, page }: Block): string {
  const file = path.join(folder, `${page.replaceAll("/", "-")}-${line}.mts`);
  fs.writeFileSync(file, withOwnPaths(text));
  return file;
}

function runFile(file: string): string {
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

const npx: Launch = { command: "npx", args: ["-y", "modelyard", "mcp"] };

describe("code in the docs", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each(written("jsonc"))("$page:$line is a configuration without problems", async ({ text }) => {
    const file = path.join(folder, "example.json");
    fs.writeFileSync(file, text);
    // A reader has these set.
    for (const [, name = ""] of text.matchAll(/\$\{(\w+)\}/g))
      vi.stubEnv(name, "from-the-environment");
    expect((await readConfiguration(file)).configuration.backends.length).toBeGreaterThan(0);
  });

  it.each(written("json"))("$page:$line is JSON whose command there is", ({ text }) => {
    const [servers] = Object.values(JSON.parse(text) as Record<string, Record<string, Launch>>);
    expect(servers?.["modelyard"]).toMatchObject(npx);
  });

  it.each(written("toml"))("$page:$line is what connect writes", ({ text }) => {
    const codex = clients.find(({ name }) => name === "codex")!;
    const entry = createEntry(codex, npx);
    expect(text).toBe(printEntry(codex, { key: codex.key, name: "modelyard", entry }));
  });

  it("tells of each client that connect knows", () => {
    const page = fs.readFileSync(path.join(root, "docs/clients.md"), "utf8");
    for (const { name, title } of clients)
      expect(page).toMatch(new RegExp(`^## ${title}\n\n.*modelyard connect ${name}\\b`, "m"));
  });

  it.each(written("ts").filter((block) => !isPlugin(block)))("$page:$line runs", (block) => {
    const output = runFile(writeModule(block));
    expect(output).toContain(
      block.text.includes("console.log") ? "Hello from the tiny test model." : "",
    );
  });

  it("is of the right types", () => {
    const place = path.join(folder, "types");
    fs.mkdirSync(place);
    for (const { page, line, text } of written("ts"))
      fs.writeFileSync(path.join(place, `${page.replaceAll("/", "-")}-${line}.mts`), text);
    for (const [at, text] of guideFiles.entries())
      fs.writeFileSync(path.join(place, `extension-guide-${at}.mts`), text);
    const compilerOptions = {
      paths: {
        modelyard: [path.join(root, "src/index.ts")],
        "modelyard/backend": [path.join(root, "src/contract/index.ts")],
        "modelyard/testing": [path.join(root, "src/testing/index.ts")],
        "*": [path.join(root, "node_modules/*")],
      },
      typeRoots: [path.join(root, "node_modules/@types")],
    };
    const options = { extends: path.join(root, "tsconfig.json"), include: ["*.mts"] };
    const file = path.join(place, "tsconfig.json");
    fs.writeFileSync(file, JSON.stringify({ ...options, compilerOptions }));
    const compiler = path.join(root, "node_modules/.bin/tsc");
    const { stdout } = spawnSync(compiler, ["-p", file], { encoding: "utf8" });
    expect(stdout).toBe("");
  });

  it("that is a plugin can be loaded as one", () => {
    const files = written("ts").filter(isPlugin).map(writeModule);
    const entry = path.join(folder, "plugins.mts");
    const reader = JSON.stringify(path.join(root, "src/contract/read-exports.ts"));
    fs.writeFileSync(
      entry,
      `import { readExports } from ${reader};
for (const file of ${JSON.stringify(files)}) {
  const { problem } = readExports(await import(file));
  if (problem !== undefined) process.stdout.write(\`\${file}: \${problem}\\n\`);
}`,
    );
    expect(files.length).toBeGreaterThan(5);
    expect(runFile(entry)).toBe("");
  });

  describe("for clients of the port", () => {
    let server: Run;
    let url: string;
    beforeAll(async () => {
      server = startModelyard(["serve", "--port", "0"], { directory: folder });
      await server.saw("/mcp\n");
      url = /(http:\S+)\/mcp$/m.exec(server.written.stdout)?.[1] ?? "";
    });
    afterAll(async () => {
      server.child.kill();
      await server.ended;
    });

    it.each(written("js"))("$page:$line is answered", async ({ text, line, page }) => {
      const source = text
        .replaceAll("http://127.0.0.1:4600", url)
        .replaceAll(/ from ("[^"]+")/g, (_, name: string) => {
          return ` from ${JSON.stringify(import.meta.resolve(JSON.parse(name) as string))}`;
        });
      const file = path.join(folder, `${path.basename(page)}-${line}.mjs`);
      fs.writeFileSync(file, source);
      const { stdout } = await run(process.execPath, [file], { cwd: folder });
      expect(stdout.trim()).toBe("Hello from the tiny test model.");
    });
  });

  const commands = written("sh").flatMap(({ page, text }) =>
    text
      .split("\n")
      .map((line) => line.replace(/ #.*/, "").trim())
      .filter((command) => command !== "")
      .map((command) => ({ page, command })),
  );
  /** What several pages tell is tried once. */
  const different = [...new Map(commands.map((each) => [each.command, each])).values()];

  // The README's two commands are what CI runs; what fetches from a hub is tried by hand.
  it.each(different.filter(({ command }) => !/^npm |pull /.test(command)))(
    "$page: $command",
    async ({ command }) => {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
      expect(words.shift()).toBe("modelyard");
      const { code, stdout, stderr } = await startModelyard(words, { directory: folder }).ended;
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).not.toBe("");
    },
  );
});
