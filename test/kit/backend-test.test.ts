import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { folderWith, startModelyard } from "../cli/run-modelyard.ts";

it("modelyard backend test says what is wrong, where, and ends with 1", async () => {
  const directory = folderWith({
    // The same file, spelt otherwise.
    plugins: ["./inside/../mute.ts"],
    backends: { first: { type: "mute" }, second: { type: "mute" } },
  });
  fs.writeFileSync(
    path.join(directory, "mute.ts"),
    `import { defineBackend, z } from "modelyard/backend";
export default defineBackend({
  type: "mute",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat() {
        throw new Error("It is mute.");
      },
    },
  }),
});
`,
  );
  const badge = path.join(directory, "badge.svg");
  const words = ["backend", "test", "./mute.ts", "--badge", badge];
  const { code, stdout } = await startModelyard(words, { directory }).ended;
  expect(stdout).toContain("✗ gives events, and ends  (bronze, chat/answers)");
  expect(stdout).toContain("It threw Error: It is mute.");
  expect(stdout).toContain("at mute.ts:9");
  expect(stdout).toContain("mute: no badge yet");
  expect(stdout).toContain("Tested as first is configured; second is not tested");
  expect(fs.readFileSync(badge, "utf8")).toContain("modelyard: not yet");
  expect(code).toBe(1);
});

it("modelyard backend test prints a report as data, and ends with 0 where all is well", async () => {
  const { code, stdout } = await startModelyard([
    "backend",
    "test",
    "echo",
    "--json",
    "--skip",
    "health=it is a test",
  ]).ended;
  const report = JSON.parse(stdout) as { checks: object[] };
  expect(report).toMatchObject({ type: "echo", badge: { level: "gold" } });
  const health = { id: "health/free", status: "skipped", reason: "it is a test" };
  expect(report.checks).toContainEqual(expect.objectContaining(health));
  expect(code).toBe(0);
});

it("modelyard backend test that is interrupted ends at once, whatever hangs, and says where it stood", async () => {
  const directory = folderWith({ backends: {} });
  fs.writeFileSync(
    path.join(directory, "stuck.mjs"),
    `import { defineBackend, z } from "modelyard/backend";
export default defineBackend({
  type: "stuck",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat() {
        process.kill(process.pid, "SIGINT");
        await new Promise(() => {});
      },
    },
  }),
});
`,
  );
  const words = ["backend", "test", "./stuck.mjs"];
  const { code, stderr } = await startModelyard(words, { directory }).ended;
  expect(stderr).toMatch(/Checks that had ended: \d+\. Under way:\n/);
  expect(stderr).toContain(
    "  stuck: a new one works after an old one was shut down (lifecycle/again)\n",
  );
  expect(code).toBe(130);
});
