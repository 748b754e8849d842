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

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  return Buffer.concat([u32(value), u32(0)]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(value.length), Buffer.from(value)]);
}

/** A model with a vocabulary of some size, a list of lists and an alignment of its own, and where its weights end. */
function withVocabulary(words: number): { content: Buffer; tableBytes: number } {
  const parts = [
    [Buffer.from("GGUF"), u32(3), u64(1), u64(4)],
    [text("tokens"), u32(9), u32(8), u64(words)],
    Array.from({ length: words }, (_, index) => text(`word number ${index}`)),
    [text("scores"), u32(9), u32(6), u64(words), Buffer.alloc(words * 4)],
    [text("nested"), u32(9), u32(9), u64(2)],
    [u32(8), u64(1), text("x".repeat(400_000)), u32(5), u64(3), Buffer.alloc(12)],
    [text("general.alignment"), u32(4), u32(64)],
    [text("t"), u32(1), u64(100), u32(24), u64(0)],
  ];
  const table = Buffer.concat(parts.flat());
  const tableBytes = table.length;
  const padding = Math.ceil(tableBytes / 64) * 64 - tableBytes;
  return { content: Buffer.concat([table, Buffer.alloc(padding + 100)]), tableBytes };
}

test("reads a table that is longer than what is read at once, wherever it is cut", async () => {
  const { content, tableBytes } = withVocabulary(60_000);
  expect(tableBytes).toBeGreaterThan(2_000_000);
  expect(await inspect(content)).toBeUndefined();
  const short = content.length - 1;
  expect(await inspect(content.subarray(0, short))).toBe(
    `it is cut short: it is ${short} bytes where its weights take it to ${content.length}`,
  );
  for (const bytes of [30, 262_144, 262_150, 1_500_000, 2_100_000, tableBytes - 1])
    expect(await inspect(content.subarray(0, bytes))).toContain("ends before its weights begin");
});

test("a table that nobody wrote is damaged", async () => {
  const { content } = withVocabulary(1);
  content.writeUInt32LE(99, content.indexOf("tokens") + 6);
  expect(await inspect(content)).toBe("its table of weights is damaged");
  content.fill(0xff, 8, 16);
  expect(await inspect(content)).toBe("its table of weights is damaged");
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
