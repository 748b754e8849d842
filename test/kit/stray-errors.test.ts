import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import echo from "../../src/backends/echo.ts";
import { testBackend } from "../../src/testing/index.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Answers, and throws in a timer some time after its first answer; all others take longer than that. */
const script = `
import { defineBackend, z } from "./src/contract/index.ts";
import { formatReport, testBackend } from "./src/testing/index.ts";
let calls = 0;
const late = defineBackend({
  type: "late",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat() {
        calls += 1;
        if (calls === 1) setTimeout(() => { throw new Error("Too late."); }, 30);
        else await new Promise((resolve) => setTimeout(resolve, 60));
        yield { type: "text-delta", text: "one two three" };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});
const report = await testBackend(late, { only: ["chat"] });
process.stdout.write(formatReport(report));
`;

// In a process of its own: what nobody catches would be a failure of the runner's.
it("an error that comes when its check has ended is told at that check", () => {
  const report = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    encoding: "utf8",
  });
  expect(report).toContain("✗ gives events, and ends  (bronze, chat/answers)");
  expect(report).toContain(
    "Some time after it was asked, and where nobody could catch it, it threw",
  );
  expect(report).toContain("Too late.");
});

function onCheck(): never {
  throw new Error("No room to tell it.");
}

it("who is told of each check, and throws, leaves nothing behind that catches all errors", async () => {
  const before = process.listenerCount("uncaughtException");
  await expect(testBackend(echo, { only: ["lifecycle/create"], onCheck })).rejects.toThrow(
    "No room",
  );
  expect(process.listenerCount("uncaughtException")).toBe(before);
});
