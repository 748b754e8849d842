import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("an engine keeps its program alive while it owes an answer, and no longer", async () => {
  const script = join(import.meta.dirname, "__fixtures__", "alone.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 10_000 });
  expect(JSON.parse(stdout)).toEqual([[[3, 0.5]], "stream-interrupted", [[3, 0.5]]]);
});
