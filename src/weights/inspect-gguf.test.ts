import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tinyModels } from "../../test/models/tiny-models.ts";
import { sampleGguf, temporaryFolder } from "./__fixtures__/sample-files.ts";
import { inspectGguf } from "./inspect-gguf.ts";

async function inspect(content: Uint8Array | string): Promise<string | undefined> {
  const path = join(await temporaryFolder(), "x.gguf");
  await writeFile(path, content);
  return inspectGguf(path);
}

test("takes whole models", async () => {
  const { chatGguf, embedGguf } = await tinyModels();
  expect(await inspectGguf(chatGguf)).toBeUndefined();
  expect(await inspectGguf(embedGguf)).toBeUndefined();
  expect(await inspect(sampleGguf(5000))).toBeUndefined();
});

test.each([4999, 2048, 70])("finds out that a model ends after %d of its bytes", async (bytes) => {
  expect(await inspect(sampleGguf(5000).subarray(0, bytes))).toBe(
    `it is cut short: it is ${bytes} bytes where its weights take it to 5000`,
  );
});

test("finds out that a model is cut short later, and within its table", async () => {
  const path = join(await temporaryFolder(), "x.gguf");
  await writeFile(path, sampleGguf(5000));
  expect(await inspectGguf(path)).toBeUndefined();
  await truncate(path, 50);
  expect(await inspectGguf(path)).toContain("ends before its weights begin");
  await truncate(path, 10);
  expect(await inspectGguf(path)).toContain("ends before its weights begin");
});

test.each([
  ["root:x:0:0:secret", "a text"],
  ["<!DOCTYPE html><title>secret", "a web page"],
  ["PK\u0003\u0004secret", "a zip archive"],
  ["\u0000\u0001\u0002secret", "something else"],
  [`version https://git-lfs.github.com/spec/v1`, "Git LFS"],
])("says what %j is, and nothing that is in it", async (content, kind) => {
  const problem = await inspect(content);
  expect(problem).toContain(kind);
  expect(problem).not.toMatch(/secret|root/);
});
