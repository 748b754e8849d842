import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";

const program = path.join(import.meta.dirname, "__fixtures__/logging-program.ts");

it.each([
  ["by itself", "end", 0],
  ["at once", "exit", 3],
  ["by a crash", "crash", 1],
])("loses no line where the program ends %s", (_, how, code) => {
  const { status, stderr } = spawnSync(process.execPath, [program, how], { encoding: "utf8" });
  expect(status).toBe(code);
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "info", time: expect.stringMatching(/^\d{4}-.*Z$/) as string, msg: "first" },
    {
      level: "info",
      time: expect.any(String) as string,
      msg: "call",
      id: "c1",
      capability: "chat",
      requested: "fast",
      backend: "b",
      model: "m",
      outcome: "backend-error",
      attempts: 2,
      stream: true,
      ms: 12,
      inputTokens: 3,
    },
  ]);
  expect(lines.join()).not.toContain("the prompt");
});
