import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { ifThere } from "./if-there.ts";

const here = import.meta.filename;

it("gives what is there", async () => {
  expect((await ifThere(stat(here)))?.isFile()).toBe(true);
});

it.each(["none", "a".repeat(5000), "none/below"])(
  "gives nothing where nothing is (%#)",
  async (name) => {
    expect(await ifThere(stat(path.join(import.meta.dirname, name)))).toBeUndefined();
    expect(await ifThere(readdir(path.join(here, name)))).toBeUndefined();
  },
);

it("tells of all else", async () => {
  await expect(ifThere(readFile(import.meta.dirname))).rejects.toMatchObject({
    code: "storage-failed",
    message: "A file can't be read: EISDIR.",
  });
});
