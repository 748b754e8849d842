// Packs the package, installs it in an empty folder with no engine, and uses it as a person would.
// Checks: it holds no test, its size, its types, a plugin, what `backend new` writes, and that `modelyard chat "hello"` fetches engine and model and answers.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-package-"));
const ownCapability = "examples/capabilities/transcription.ts";
const limitMegabytes = 60;

try {
  const tarball = pack();
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n");
  const tests = files.filter((file) => /\.test\.|__fixtures__|\/test\//.test(file));
  check(tests.length === 0, "holds no test", tests.join(", "));
  const lacking = pythonFiles().filter((name) => !files.includes(`package/dist/${name}`));
  check(lacking.length === 0, "holds the Python worker", lacking.join(", "));

  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", tarball]);
  const megabytes = folderBytes(path.join(folder, "node_modules")) / 1e6;
  check(
    megabytes <= limitMegabytes,
    `is at most ${limitMegabytes} MB installed`,
    `${megabytes.toFixed(1)} MB`,
  );
  check(!fs.existsSync(path.join(folder, "node_modules/node-llama-cpp")), "brings no engine");

  checkTypes();
  checkPlugin();
  checkNewBackend();
  checkChat();
  console.log("The package is good.");
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

function pack(): string {
  const output = execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    {
      cwd: repository,
      encoding: "utf8",
    },
  );
  const packed = JSON.parse(output) as
    | { filename: string }[]
    | Record<string, { filename: string }>;
  const [first] = Object.values(packed);
  if (first === undefined) throw new Error("npm pack gave no file");
  return path.join(folder, first.filename);
}

function pythonFiles(): string[] {
  const place = "backends/huggingface/python";
  return fs
    .readdirSync(path.join(repository, "src", place))
    .filter((name) => name.endsWith(".py"))
    .map((name) => `${place}/${name}`);
}

function checkTypes(): void {
  fs.writeFileSync(
    path.join(folder, "use.ts"),
    `import { createModelyard } from "modelyard";
import { defineBackend, type ChatEvent } from "modelyard/backend";
const yard = await createModelyard();
const answer = await yard.chat({ prompt: "hello" });
const text: string = answer.text;
for await (const event of yard.chat({ prompt: "hello" })) {
  const seen: ChatEvent = event;
  void seen;
}
// @ts-expect-error a misspelt field is an error
answer.texxt;
const heard = await yard.call("transcription", { audio: "aGVsbG8=" });
const said: string = heard.text;
// @ts-expect-error a plugin's request is typed too
yard.call("transcription", { sound: "aGVsbG8=" });
void [text, defineBackend, said];
`,
  );
  const example = fs.readFileSync(path.join(repository, ownCapability), "utf8");
  // Without the types of Node.
  const transcription = example.replace(/Buffer\.from\(audio, "base64"\)/, "audio");
  fs.writeFileSync(path.join(folder, "transcription.ts"), transcription);
  fs.writeFileSync(
    path.join(folder, "use-kit.ts"),
    `import { testBackend, type Report } from "modelyard/testing";
const report: Promise<Report> = testBackend({} as never);
void report;
`,
  );
  checkTypesOf(["use.ts", "transcription.ts"], []);
  // What tests runs on Node, and knows its types.
  checkTypesOf(["use-kit.ts"], ["node"]);
}

function checkTypesOf(files: string[], types: string[]): void {
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types,
    typeRoots: [path.join(repository, "node_modules/@types")],
    lib: ["es2024", "esnext.disposable", "dom"],
  };
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const outcome = spawnSync(path.join(repository, "node_modules/.bin/tsc"), ["-p", folder], {
    cwd: folder,
    encoding: "utf8",
  });
  check(
    outcome.status === 0,
    `has types that resolve (${files.join(", ")})`,
    outcome.stdout.slice(0, 2000),
  );
}

/** A plugin in a folder of its own, where no package is near, with a capability on the command line. */
function checkPlugin(): void {
  const bare = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-bare-"));
  fs.copyFileSync(path.join(repository, ownCapability), path.join(bare, "transcription.ts"));
  const program = path.join(folder, "node_modules/modelyard/dist/cli/main.js");
  const words = ["transcribe", "--plugin", "./transcription.ts", "-m", "parrot/any", "aGVsbG8="];
  const outcome = spawnSync(process.execPath, [program, ...words], { cwd: bare, encoding: "utf8" });
  fs.rmSync(bare, { recursive: true });
  check(
    outcome.stdout === "It heard 5 bytes of audio/wav.\n",
    "runs a plugin in TypeScript that has no package near it",
    outcome.stderr.slice(-2000),
  );
}

/** What `backend new` writes is built, tested and loaded as its author and its users would. */
function checkNewBackend(): void {
  run("npx", ["modelyard", "backend", "new", "acme", "--package"]);
  const own = path.join(folder, "acme");
  const has = spawnSync("npx", ["modelyard", "backend", "test", "./acme/src/index.ts", "--json"], {
    cwd: folder,
    encoding: "utf8",
  });
  check(has.status === 0, "a new backend passes the kit", has.stdout.slice(-2000) + has.stderr);
  fs.symlinkSync(
    path.join(repository, "node_modules/@types"),
    path.join(folder, "node_modules/@types"),
  );
  const built = spawnSync(path.join(repository, "node_modules/.bin/tsc"), [], {
    cwd: own,
    encoding: "utf8",
  });
  check(built.status === 0, "a new package of a backend is built", built.stdout.slice(0, 2000));
  const tested = spawnSync(process.execPath, ["--test", "test/*.test.ts"], {
    cwd: own,
    encoding: "utf8",
    timeout: 60_000,
  });
  check(tested.status === 0, "its own test passes", tested.stdout.slice(-2000));
  fs.cpSync(own, path.join(folder, "node_modules/modelyard-backend-acme"), { recursive: true });
  const words = ["chat", "-m", "acme/small", "--plugin", "modelyard-backend-acme", "hello"];
  const said = spawnSync("npx", ["modelyard", ...words], { cwd: folder, encoding: "utf8" });
  check(said.stdout.includes("You said: hello"), "it is loaded as a package", said.stderr);
}

function checkChat(): void {
  const cache = path.join(folder, "cache");
  const outcome = spawnSync("npx", ["modelyard", "chat", "--max-tokens", "16", "hello"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: cache, XDG_CONFIG_HOME: cache },
  });
  check(
    outcome.status === 0 && outcome.stdout.trim() !== "",
    'answers "hello" on a bare machine',
    outcome.stderr.slice(-2000),
  );
  check(outcome.stderr.trim() !== "", "shows progress while it fetches");
  console.log(`  it said: ${outcome.stdout.trim()}`);
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

function check(good: boolean, what: string, detail = ""): void {
  console.log(`${good ? "✓" : "✗"} ${what}${good ? "" : `: ${detail}`}`);
  if (!good) throw new Error(`The package fails a check: ${what}`);
}

function folderBytes(directory: string): number {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
