import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MissingIngredient } from "./missing-ingredient.ts";
import { startProcessGroup } from "./process-group.ts";

/** Says `ready`, and has a child of its own. */
const server = ["-c", "sleep 60 & echo ready 1>&2; wait"];

describe.skipIf(process.platform === "win32")("startProcessGroup", () => {
  it("kills what the program started, too", async () => {
    const group = await startProcessGroup("sh", server, {});
    expect((await group.untilSaid(/^rea(dy)/))[1]).toBe("dy");
    expect(await membersOf(group.pid)).toBe(2);
    await group.kill();
    expect(await membersOf(group.pid)).toBe(0);
  });

  it("stops what has ended already", async () => {
    const group = await startProcessGroup("sh", ["-c", "echo no luck 1>&2; exit 3"], {});
    await expect(group.untilSaid(/ready/)).rejects.toThrow(/sh ended with 3:\s+no luck/);
    await group.stop();
  });

  it("misses a program that is not there", async () => {
    await expect(startProcessGroup("no-such-program", [], {})).rejects.toThrow(MissingIngredient);
  });

  it("ends with the process that started it, even where that is killed", async () => {
    const module = join(import.meta.dirname, "process-group.ts");
    const script = `
      import { startProcessGroup } from ${JSON.stringify(module)};
      const group = await startProcessGroup("sh", ${JSON.stringify(server)}, {});
      await group.untilSaid(/ready/);
      console.log(group.pid);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const [printed] = (await once(parent.stdout, "data")) as [Buffer];
    const group = Number(printed.toString());
    expect(await membersOf(group)).toBe(2);
    parent.kill("SIGKILL");
    await expect.poll(() => membersOf(group), { timeout: 10_000 }).toBe(0);
  });
});

/** How many processes of a group live. */
async function membersOf(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,stat="]);
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return lines.filter(([pgid, stat]) => Number(pgid) === group && !stat?.startsWith("Z")).length;
}
