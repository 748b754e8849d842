import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findInterpreter } from "./find-interpreter.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-interpreter-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A program that answers as Python would. */
async function put(path: string, answer: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${answer}\n`);
  await chmod(file, 0o755);
  return file;
}

function version(name: string, ...numbers: number[]): string {
  return `echo '${JSON.stringify([name, ...numbers])}'`;
}

function find(options: { configured?: string; environment?: Record<string, string> } = {}) {
  return findInterpreter({
    configured: options.configured,
    directory: folder,
    environment: options.environment ?? {},
    signal: new AbortController().signal,
  });
}

describe.skipIf(process.platform === "win32")("the Python that is used", () => {
  it("is the active virtual environment's, then the folder's, then the system's", async () => {
    await put("active/bin/python", version("active", 3, 11));
    await put(".venv/bin/python", version("own", 3, 12));
    await put("system/python3", version("system", 3, 13));
    vi.stubEnv("PATH", join(folder, "system"));
    expect(await find({ environment: { VIRTUAL_ENV: join(folder, "active") } })).toBe("active");
    expect(await find({ environment: { VIRTUAL_ENV: join(folder, "gone") } })).toBe("own");
    await rm(join(folder, ".venv"), { recursive: true });
    expect(await find()).toBe("system");
  });

  it("is one that answers and is young enough", async () => {
    await put(".venv/bin/python", "exit 1");
    await put("system/python3", version("old", 3, 8));
    await put("system/python", version("system", 3, 9));
    vi.stubEnv("PATH", `${join(folder, "system")}:/bin`);
    expect(await find()).toBe("system");
  });

  it("is the configured one and no other; each that was tried is named", async () => {
    const configured = await put("mine", version("old", 2, 7));
    await expect(find({ configured })).rejects.toMatchObject({
      code: "backend-unavailable",
      message: `No Python was found: ${configured} is Python 2.7.`,
    });
    vi.stubEnv("PATH", join(folder, "system"));
    await expect(find()).rejects.toMatchObject({
      message: "No Python was found: python3 is not there; python is not there.",
      remedy: expect.stringContaining('"python": "/path/to/python3"'),
    });
  });
});
