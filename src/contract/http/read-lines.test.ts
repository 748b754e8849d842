import { expect, it } from "vitest";
import { z } from "zod";
import type { Schema } from "../schema.ts";
import { readLines } from "./read-lines.ts";

async function read(
  chunks: readonly (string | Uint8Array)[],
  { schema, maxLength }: { schema?: Schema; maxLength?: number } = {},
): Promise<unknown[]> {
  const encoder = new TextEncoder();
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? encoder.encode(chunk) : chunk));
  const response = new Response(ReadableStream.from(bytes) as ReadableStream<Uint8Array>);
  const values: unknown[] = [];
  const options = maxLength === undefined ? {} : { maxLength };
  for await (const value of readLines(response, schema, options)) values.push(value);
  return values;
}

it("reads a value a line, however the bytes are split", async () => {
  const bytes = new TextEncoder().encode('{"a":"ü"}\r\n\n{"b":2}\n[3]');
  const expected = [{ a: "ü" }, { b: 2 }, [3]];
  expect(await read([bytes])).toEqual(expected);
  expect(await read([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(expected);
});

it("says that a line is no JSON, or too long, or cut", async () => {
  await expect(read(["{}\nnot json\n"])).rejects.toMatchObject({
    code: "invalid-response",
    message: 'A line of the answer is no JSON: "not json".',
  });
  await expect(read(['{"a":', '"long', "long"], { maxLength: 8 })).rejects.toMatchObject({
    code: "invalid-response",
  });
  await expect(read(['{}\n{"a":'])).rejects.toMatchObject({ code: "stream-interrupted" });
});

it("holds each line to a schema", async () => {
  const schema = z.object({ text: z.string() });
  expect(await read(['{"text":"a","more":1}\n{"text":"b"}'], { schema })).toEqual([
    { text: "a" },
    { text: "b" },
  ]);
  const invalid = {
    code: "invalid-response",
    message: "Invalid answer of the backend: text: Missing: expected string.",
  };
  await expect(read(['{"txt":"a"}\n'], { schema })).rejects.toMatchObject(invalid);
  await expect(read(['{"txt":"a"}'], { schema })).rejects.toMatchObject(invalid);
  await expect(read(['{"error":"Out of order."}\n'], { schema })).rejects.toMatchObject({
    code: "backend-error",
    message: expect.stringContaining("Out of order.") as string,
  });
});
