import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { eventually, isAlive } from "../engine/__fixtures__/harness.ts";
import { tryPlugins } from "./trial.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-trial-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

it("an import that never ends goes with the program that tries it, however that dies", async () => {
  const told = path.join(folder, "pid");
  const spins = path.join(folder, "spins.mjs");
  fs.writeFileSync(
    spins,
    `import fs from "node:fs";
fs.writeFileSync(${JSON.stringify(told)}, String(process.pid));
for (;;);`,
  );
  const trial = JSON.stringify(pathToFileURL(path.join(import.meta.dirname, "trial.ts")).href);
  const program = `import { tryPlugins } from ${trial};
await tryPlugins([${JSON.stringify(pathToFileURL(spins).href)}], 60_000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: "ignore",
  });
  const pid = () => Number(fs.existsSync(told) ? fs.readFileSync(told, "utf8") : 0);
  try {
    expect(await eventually(() => pid() > 0, 10_000)).toBe(true);
    parent.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid()), 5_000)).toBe(true);
  } finally {
    parent.kill("SIGKILL");
    if (pid() > 0 && isAlive(pid())) process.kill(pid(), "SIGKILL");
  }
});

it("is over when the program is interrupted, and blames no plugin", async () => {
  const hangs = path.join(folder, "hangs.mjs");
  fs.writeFileSync(hangs, "await new Promise((resolve) => setTimeout(resolve, 60_000));");
  const heard = vi.fn<() => void>();
  process.on("SIGINT", heard);
  try {
    const trial = tryPlugins([pathToFileURL(hangs).href], 60_000);
    process.emit("SIGINT", "SIGINT");
    await expect(trial).rejects.toMatchObject({ code: "cancelled" });
    expect(heard).toHaveBeenCalledOnce();
    expect(process.listeners("SIGINT")).toContain(heard);
  } finally {
    process.off("SIGINT", heard);
  }
});
