import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { folderWith, startModelyard } from "../cli/run-modelyard.ts";

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
      async *chat() {
        shout("called");
        void Promise.reject(new Error("a prompt, perhaps"));
        await new Promise((resolve) => setTimeout(resolve));
        yield { type: "text-delta", text: "hello" };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
    listModels: async () => [{ name: "any" }],
  }),
});`,
);
afterAll(() => fs.rmSync(folder, { recursive: true }));

it("what a plugin prints never reaches standard output, and a promise that it forgets ends nothing", async () => {
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const call = { name: "chat", arguments: { prompt: "hello", model: "loud/any" } };
  const messages = [
    { id: 1, method: "initialize", params },
    { id: 2, method: "tools/call", params: call },
  ].map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }));
  const run = startModelyard(["mcp"], {
    directory: folder,
    input: `${messages.join("\n")}\n`,
    inputStaysOpen: true,
  });
  await run.saw('"id":2');
  run.child.stdin?.end();
  const { stdout, stderr } = await run.ended;
  const answers = stdout.trim().split("\n");
  expect(answers.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2]);
  expect(answers[1]).toContain('"text":"hello"');
  for (const when of ["imported", "called"])
    for (const how of ["stream", "log", "dir"]) expect(stderr).toContain(`${when} by ${how}`);
  expect(stderr).toMatch(/nobody waited for failed: an Error at .*loud\.ts:14:/);
  expect(stderr).not.toContain("a prompt, perhaps");
});
