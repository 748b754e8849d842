import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { eventually, isAlive } from "./__fixtures__/harness.ts";

let parent: ChildProcess | undefined;
let enginePid = 0;

/** A program of its own, in a process group of its own, with an engine that does what `behaviour` says. */
async function startParent(behaviour: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "__fixtures__", "parent.ts");
  parent = spawn(process.execPath, [script, behaviour], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  if (parent.stdout === null) throw new Error("no output");
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  enginePid = Number(line.toString());
  return parent;
}

afterEach(() => {
  parent?.kill("SIGKILL");
  if (isAlive(enginePid)) process.kill(enginePid, "SIGKILL");
});

it.each(["slow", "block"])(
  "an engine goes with its parent, however that dies (%s)",
  async (behaviour) => {
    const { pid } = await startParent(behaviour);
    expect(isAlive(enginePid)).toBe(true);
    // Right after the start the watching thread may not run yet.
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    expect(await eventually(() => !isAlive(enginePid), 3_000)).toBe(true);
  },
);

it.skipIf(process.platform === "win32")(
  "an engine does not heed a terminal's signals, which reach the whole group",
  async () => {
    const { pid } = await startParent("slow");
    process.kill(enginePid, "SIGINT");
    process.kill(enginePid, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isAlive(enginePid)).toBe(true);
    if (pid !== undefined) process.kill(-pid, "SIGINT");
    expect(await eventually(() => !isAlive(enginePid), 3_000)).toBe(true);
  },
);
