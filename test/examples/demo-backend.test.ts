import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const demo = path.resolve(import.meta.dirname, "../../examples/demo-backend.ts");

it("the demo of a backend shows what it promises", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [demo]);
  expect(stderr).toBe("");
  for (const said of [
    "That was acme.ts",
    "Health: healthy\n",
    "chat:      I am a small server",
    "complete:  I am a small server",
    "embed:     a vector of 4 numbers",
    "classify:  ",
    "acme/small, alone: backend-unavailable",
    "That was echo",
    "Health: unhealthy",
    'this is what I say." (acme)',
    "Asked once more: model-not-found",
  ])
    expect(stdout).toContain(said);
});
