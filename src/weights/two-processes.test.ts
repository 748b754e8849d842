import { type ChildProcess, spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { filesBelow, sampleGguf, sha256Of, temporaryFolder } from "./__fixtures__/sample-files.ts";
import { useFileServer } from "./__fixtures__/use-file-server.ts";

const server = useFileServer();
beforeEach(() => {
  server.files.set("/owner/repo/resolve/main/x.gguf", {
    body,
    headers: { etag: '"x"' },
    pauseMs: 20,
  });
});

const body = sampleGguf(4_000_000);
const script = fileURLToPath(new URL("__fixtures__/pull-child.ts", import.meta.url));

interface Line {
  doneBytes?: number;
  model?: { sha256: string };
  error?: { code: string };
}

interface Puller {
  child: ChildProcess;
  lines: Line[];
  stderr(): string;
  /** Resolves once so many bytes are told. */
  reached(doneBytes: number): Promise<void>;
  ended: Promise<void>;
}

function startPull(directory: string): Puller {
  const child = spawn(process.execPath, [script, directory, "hf:owner/repo/x.gguf"], {
    env: { ...process.env, HF_ENDPOINT: server.url },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Line[] = [];
  const waiting: { bytes: number; resolve: () => void }[] = [];
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const reader = createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as Line);
    const doneBytes = lines.at(-1)?.doneBytes ?? 0;
    for (const { bytes, resolve } of waiting) if (doneBytes >= bytes) resolve();
  });
  const ended = new Promise<void>((resolve) => reader.once("close", resolve));
  return {
    child,
    lines,
    stderr: () => stderr,
    reached: (bytes) => new Promise((resolve) => waiting.push({ bytes, resolve })),
    ended,
  };
}

const receivedBytes = (): number =>
  server.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);

test("two processes that pull one model fetch it once, and the one that waits tells how far the other is", async () => {
  const folder = await temporaryFolder();
  const pulls = [startPull(folder), startPull(folder)];
  await Promise.all(pulls.map(({ ended }) => ended));
  expect(pulls.map(({ lines }) => lines.at(-1)?.model?.sha256)).toEqual([
    sha256Of(body),
    sha256Of(body),
  ]);
  expect(pulls.map(({ stderr }) => stderr())).toEqual(["", ""]);
  expect(pulls.every(({ lines }) => lines.length > 2)).toBe(true);
  expect(server.requests).toHaveLength(1);
});

test.each([
  ["SIGINT", "cancelled"],
  ["SIGKILL", undefined],
] as const)("a pull that %s ends is gone on with by the next one", async (signal, code) => {
  const folder = await temporaryFolder();
  const path = join(folder, "owner/repo/x.gguf");
  const first = startPull(folder);
  await first.reached(1_500_000);
  first.child.kill(signal);
  await first.ended;
  expect(first.lines.at(-1)?.error?.code).toBe(code);
  expect(await filesBelow(folder)).toEqual([
    "owner/repo/x.gguf.partial",
    "owner/repo/x.gguf.partial.json",
  ]);
  const kept = (await stat(`${path}.partial`)).size;
  expect(kept).toBeGreaterThanOrEqual(1_500_000);
  const second = startPull(folder);
  await second.ended;
  expect(second.lines.at(-1)?.model?.sha256).toBe(sha256Of(body));
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([
    undefined,
    `bytes=${kept}-`,
  ]);
  expect(receivedBytes()).toBeLessThan(body.length + 2_000_000);
  expect((await readFile(path)).equals(body)).toBe(true);
});
