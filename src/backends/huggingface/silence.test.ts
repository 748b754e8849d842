import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";

it("prints nothing, whatever goes wrong: the library would show what it works on", async () => {
  const child = fork(join(import.meta.dirname, "__fixtures__", "fail-in-every-way.ts"), {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
  });
  const [[outcomes], printed, complaints] = await Promise.all([
    once(child, "message"),
    text(child.stdout!),
    text(child.stderr!),
  ]);
  expect({ printed, complaints }).toEqual({ printed: "", complaints: "" });
  expect(outcomes).toMatchObject([
    "well",
    { code: "storage-failed" },
    { code: "backend-error", message: "test/mixed failed while it computed (in a Gather step)." },
    { code: "model-not-found" },
    "stop",
  ]);
  expect(JSON.stringify(outcomes)).not.toMatch(/4711|secret/);
});
