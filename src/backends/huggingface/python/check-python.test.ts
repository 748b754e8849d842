import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPythonBackend } from "./__fixtures__/python-backend.ts";

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-check-python-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("says, before anything else, that the interpreter is not there", async () => {
  const python = join(folder, "nope");
  const { backend } = createPythonBackend({ cacheDir: folder, python });
  expect(await backend.healthCheck!(signal)).toEqual({
    status: "unhealthy",
    reason: expect.stringMatching(/No Python was found: .+nope is not there.+Install Python/),
  });
  await expect(backend.listModels!(signal)).rejects.toMatchObject({
    code: "backend-unavailable",
    message: `No Python was found: ${python} is not there.`,
  });
});

describe.skipIf(process.platform === "win32")("the packages", () => {
  it.each([
    ["healthy", [], /^$/],
    ["degraded", ["sentence-transformers"], /lacks sentence-transformers, which embedding needs/],
    ["unhealthy", ["torch", "transformers"], /lacks torch.+pip install torch transformers`/],
  ])("make it %s where %j are missing", async (status, missing, reason) => {
    const python = join(folder, "python");
    const version = JSON.stringify([python, 3, 12]);
    const lacks = JSON.stringify(missing);
    const answer = `case "$2" in *find_spec*) echo '${lacks}';; *) echo '${version}';; esac`;
    await writeFile(python, `#!/bin/sh\n${answer}\n`);
    await chmod(python, 0o755);
    const { backend } = createPythonBackend({ cacheDir: folder, python });
    const health = await backend.healthCheck!(signal);
    expect(health.status).toBe(status);
    expect(health.reason ?? "").toMatch(reason);
  });
});
