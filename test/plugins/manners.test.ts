import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { folderWith, runModelyard, startModelyard } from "../cli/run-modelyard.ts";

const folder = folderWith({ plugins: ["./loud.ts"] });
fs.writeFileSync(
  path.join(folder, "loud.ts"),
  `import { defineBackend, z } from "modelyard/backend";
const shout = (when) => {
  process.stdout.write(when + " by stream\\n");
  console.log(when + " by log");
  console.dir(when + " by dir");
};
shout("imported");
export default defineBackend({
  type: "loud", config: z.strictObject({}), sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat({ messages }) {
        shout("called");
        void Promise.reject(new Error("a prompt, perhaps"));
        await new Promise((resolve) => setTimeout(resolve, 20).unref());
        const { text } = messages[0].content[0];
        if (text === "exit") process.exit(0);
        if (text === "throw") {
          setTimeout(() => { throw new RangeError("a prompt, perhaps"); });
          await new Promise(() => {});
        }
        yield { type: "text-delta", text: "hello" };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
    listModels: async () => [{ name: "any" }],
  }),
});`,
);
afterAll(() => fs.rmSync(folder, { recursive: true }));

const chat = (prompt: string) => ({ name: "chat", arguments: { prompt, model: "loud/any" } });

it("what a plugin prints never reaches standard output, a promise that it forgets ends nothing, and what it throws where nobody can catch it ends the program with a sentence", async () => {
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const messages = [
    { id: 1, method: "initialize", params },
    { id: 2, method: "tools/call", params: chat("hello") },
    { id: 3, method: "tools/call", params: chat("throw") },
  ].map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const run = startModelyard(["mcp"], {
    directory: folder,
    input: messages.slice(0, 2).join(""),
    inputStaysOpen: true,
  });
  await run.saw('"id":2');
  run.child.stdin?.write(messages[2]);
  const { code, stdout, stderr } = await run.ended;
  const answers = stdout.trim().split("\n");
  expect(answers.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2]);
  expect(answers[1]).toContain('"text":"hello"');
  for (const when of ["imported", "called"])
    for (const how of ["stream", "log", "dir"]) expect(stderr).toContain(`${when} by ${how}`);
  expect(stderr).toMatch(/nobody waited for failed: an Error at .*loud\.ts:14:/);
  expect(code).toBe(1);
  const [lastLine = ""] = stderr.trimEnd().split("\n").slice(-1);
  expect(lastLine).toMatch(/nobody caught, .*: a RangeError at .*loud\.ts:19:\d+\. .*isolate/);
  expect(stderr).not.toContain("a prompt, perhaps");
});

it("a command waits for an answer that alone keeps it alive, outlives a forgotten promise, and says what ended it", async () => {
  const words = ["chat", "exit", "-m", "loud/any"];
  const { code, stdout, stderr } = await runModelyard(words, { directory: folder });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^warn: A promise that nobody waited for failed: an Error at .*loud/m);
  expect(stderr).toMatch(/process\.exit\(0\) was called at .*loud\.ts:17:.*\n.*"isolate": true/);
});
