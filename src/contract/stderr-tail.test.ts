import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { stderrTail } from "./stderr-tail.ts";

async function tailOf(text: string, secrets: unknown[] = []): Promise<readonly string[]> {
  const stream = new PassThrough();
  const lines = stderrTail(
    stream,
    () => secrets,
    () => {},
  );
  for (const piece of text.match(/.{1,7}/gs) ?? []) stream.write(piece);
  stream.end();
  await new Promise((resolve) => stream.on("close", resolve));
  return lines;
}

it("keeps the last lines, cut short", async () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  expect(await tailOf(lines.join("\n"))).toEqual(lines.slice(-20));
  expect((await tailOf("x".repeat(5_000)))[0]).toHaveLength(300);
});

it.each([
  ["the whole of it", "token 'sesame!!' failed", { messages: [{ content: "sesame!!" }] }],
  [
    "a part of it",
    "at: my mother's maiden name is",
    ["I tell you that my mother's maiden name is Smith"],
  ],
])("leaves out a line that quotes a request: %s", async (_, line, request) => {
  expect(await tailOf(`${line}\nGGML_ASSERT failed`, [request])).toEqual([
    "(a line that quotes a request)",
    "GGML_ASSERT failed",
  ]);
});
