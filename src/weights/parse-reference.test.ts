import { expect, test } from "vitest";
import { parseReference } from "./parse-reference.ts";
import { isSafePath, toSafeName } from "./safe-path.ts";

test.each([
  ["hf:owner/repo/x.gguf", { kind: "hub", repository: "owner/repo", file: "x.gguf" }],
  [
    "hf:owner/repo@v1/sub/x.gguf",
    { kind: "hub", repository: "owner/repo", revision: "v1", file: "sub/x.gguf" },
  ],
  ["hf:owner/repo", { kind: "hub", repository: "owner/repo" }],
  ["owner/repo", { kind: "hub", repository: "owner/repo" }],
  [
    "https://huggingface.co/owner/repo/blob/main/x.gguf?download=true",
    { kind: "hub", repository: "owner/repo", file: "x.gguf" },
  ],
  ["https://host.example/a/x.gguf", { kind: "url", url: new URL("https://host.example/a/x.gguf") }],
  ["./x.bin", { kind: "path", path: "./x.bin" }],
  ["/models/x.gguf", { kind: "path", path: "/models/x.gguf" }],
  ["C:\\models\\x.gguf", { kind: "path", path: "C:\\models\\x.gguf" }],
  ["~/x.gguf", { kind: "path", path: "~/x.gguf" }],
  ["x.gguf", { kind: "path", path: "x.gguf" }],
])("reads %s", (text, reference) => {
  expect(parseReference(text)).toEqual(reference);
});

test("reads what the catalogue knows as the catalogue's, under any of its names", () => {
  const names = ["all-minilm-l6-v2", "hf:Xenova/all-MiniLM-L6-v2", "Xenova/all-MiniLM-L6-v2"];
  expect(names.map((name) => parseReference(name))).toEqual(
    names.map(() => expect.objectContaining({ kind: "catalogue" }) as object),
  );
});

test("names the nearest of an unknown name", () => {
  expect(() => parseReference("smolm2:135m")).toThrow(
    expect.objectContaining({
      code: "model-not-found",
      message: expect.stringContaining("smollm2:135m") as string,
    }) as Error,
  );
  expect(() => parseReference("qwen3")).toThrow(/qwen3:0\.6b/);
  expect(() => parseReference("zzzzzzzzzzzz")).toThrow(
    expect.objectContaining({ details: { nearest: [] } }) as Error,
  );
});

test.each([
  "hf:owner/repo/../../x.gguf",
  "hf:../x",
  "hf:owner",
  "hf:owner/repo/model.onnx",
  "hf:owner/repo/a//x.gguf",
  "hf:owner/repo/con.gguf",
  "hf:owner/repo@a%zz/x.gguf",
  "https://huggingface.co/owner/repo/resolve/main/%zz.gguf",
])("refuses %s", (text) => {
  expect(() => parseReference(text)).toThrow(
    expect.objectContaining({ code: "invalid-request" }) as Error,
  );
});

test("knows which names are file names everywhere", () => {
  expect(["a/b.gguf", "Ünïcode.gguf", "..a"].map(isSafePath)).toEqual([true, true, true]);
  expect(
    [
      "",
      "/a",
      "a/",
      "a/../b",
      ".",
      "a\\b",
      "a:b",
      "a\u0000b",
      "nul",
      "com1.gguf",
      "a.",
      "a ",
    ].filter(isSafePath),
  ).toEqual([]);
  expect(["a b?.gguf", "../x", "..", "con"].map(toSafeName).every(isSafePath)).toBe(true);
});
