import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderWith } from "./run-modelyard.ts";

/** The terminal is one that `script`, of util-linux, plays; other systems' versions are called otherwise. */
const canPlayTerminal =
  process.platform === "linux" &&
  spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" }).status === 0;
if (!canPlayTerminal) console.warn("Skipped: conversations need `script` of util-linux.");

const root = path.resolve(import.meta.dirname, "../..");
const directory = folderWith({
  backends: { echo: { type: "echo" } },
  models: [
    { name: "parrot", targets: ["echo/any"] },
    { name: "meaning", targets: ["huggingface/all-minilm-l6-v2"] },
  ],
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

const ctrlC = "\u0003";
const ctrlD = "\u0004";

/** Starts the command on a terminal; `says` waits for a text after what was seen before. */
function startOnTerminal(entry: string, words: readonly string[]) {
  const command = [process.execPath, path.join(root, entry), ...words]
    .map((word) => `'${word}'`)
    .join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: directory,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  let screen = "";
  let seen = 0;
  let look: (() => void) | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    look?.();
  });
  const ended = once(child, "close").then(([code]) => code as number);
  return {
    type: (text: string) => void child.stdin.write(text),
    says: (text: string) =>
      new Promise<void>((resolve, reject) => {
        look = () => {
          const at = screen.indexOf(text, seen);
          if (at < 0) return;
          seen = at + text.length;
          look = undefined;
          resolve();
        };
        look();
        void ended.then(() => reject(new Error(`It ended without ${JSON.stringify(text)}`)));
      }),
    ended,
  };
}

describe.skipIf(!canPlayTerminal)("a conversation", () => {
  it("answers line by line, those of a paste too, until Ctrl-D", async () => {
    const talk = startOnTerminal("src/cli/main.ts", ["chat", "-m", "parrot"]);
    await talk.says("› ");
    talk.type("good day\r");
    // What is typed ends in another way.
    await talk.says("good day\r\n");
    await talk.says("› ");
    talk.type("one\rtwo\r");
    await talk.says("one\r\n");
    await talk.says("two\r\n");
    await talk.says("› ");
    talk.type(ctrlD);
    expect(await talk.ended).toBe(0);
  });

  it("ends an answer at the first Ctrl-C, itself at the second", async () => {
    const talk = startOnTerminal("test/cli/slow-modelyard.ts", ["chat"]);
    await talk.says("› ");
    talk.type("go\r");
    await talk.says("word3");
    talk.type(ctrlC);
    await talk.says("› ");
    talk.type("again\r");
    await talk.says("word1");
    talk.type(ctrlC);
    await talk.says("› ");
    talk.type(ctrlC);
    expect(await talk.ended).toBe(130);
  });

  it.each([
    ["parot", 'There is no model "parot". Did you mean "parrot"?'],
    ["nobody/any", 'No backend is called "nobody"'],
    ["echo/", '"echo/" names no model.'],
  ])("does not begin with a model that is not there: %s", async (model, message) => {
    const talk = startOnTerminal("src/cli/main.ts", ["chat", "-m", model]);
    await talk.says(`error (model-not-found): ${message}`);
    expect(await talk.ended).toBe(1);
  });

  it("does not begin with a model that can't chat", async () => {
    const talk = startOnTerminal("src/cli/main.ts", ["chat", "-m", "meaning"]);
    await talk.says("error (capability-not-supported): meaning can't chat.");
    await talk.says("These can: parrot, ");
    expect(await talk.ended).toBe(1);
  });

  it("shows the tools that the model calls", async () => {
    const tools = JSON.stringify([{ name: "get_weather", inputSchema: { type: "object" } }]);
    const talk = startOnTerminal("test/cli/slow-modelyard.ts", ["chat", "--tools", tools]);
    await talk.says("at an empty prompt, Ctrl-C or Ctrl-D ends the conversation");
    await talk.says("› ");
    talk.type("How is it in Paris?\r");
    await talk.says('get_weather({"city":"Paris"})\r\nnow({})');
    await talk.says("› ");
    talk.type(ctrlD);
    expect(await talk.ended).toBe(0);
  });

  it("tells of an error and goes on", async () => {
    const talk = startOnTerminal("test/cli/slow-modelyard.ts", ["chat"]);
    await talk.says("› ");
    talk.type("fail\r");
    await talk.says("error (backend-error): The snail fell over.");
    await talk.says("› ");
    talk.type(ctrlD);
    expect(await talk.ended).toBe(0);
  });
});
