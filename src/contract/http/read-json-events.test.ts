import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readJsonEvents } from "./read-json-events.ts";
import { readJson } from "./read-json.ts";

const schema = z.object({ text: z.string() });

function responseOf(body: string, type = "text/event-stream"): Response {
  return new Response(body, { headers: { "content-type": type } });
}

async function read(response: Response): Promise<{ text: string }[]> {
  const values = [];
  for await (const value of readJsonEvents(response, schema)) values.push(value);
  return values;
}

describe("the values of a stream", () => {
  it("are those up to [DONE]", async () => {
    const body = 'data: {"text":"a"}\n\n: beat\n\ndata: {"text":"b","more":1}\n\ndata: [DONE]\n\n';
    expect(await read(responseOf(body))).toEqual([{ text: "a" }, { text: "b" }]);
  });

  it("are one where it comes in one piece", async () => {
    expect(await read(responseOf('{"text":"all"}', "application/json"))).toEqual([{ text: "all" }]);
  });

  it.each([
    ['data: {"error":{"message":"No.","code":429}}\n\n', "rate-limited"],
    ["event: error\ndata: Out of order.\n\n", "backend-error"],
    ['event: error\ndata: {"message":"Out of order."}\n\n', "backend-error"],
    ["data: no JSON\n\n", "invalid-response"],
    ['data: {"txt":"a"}\n\n', "invalid-response"],
    ['data: {"text":', "stream-interrupted"],
  ])("fail of %j as %s", async (body, code) => {
    await expect(read(responseOf(body))).rejects.toMatchObject({ code });
  });
});

describe("a body with a schema", () => {
  it("is of its shape", async () => {
    expect(await readJson(responseOf('{"text":"a"}'), schema)).toEqual({ text: "a" });
  });

  it("says what does not fit, and what the upstream says", async () => {
    await expect(readJson(responseOf('{"text":1}'), schema)).rejects.toMatchObject({
      code: "invalid-response",
      message: expect.stringContaining("text") as string,
    });
    await expect(readJson(responseOf('{"error":"Out of order."}'), schema)).rejects.toMatchObject({
      code: "backend-error",
      message: expect.stringContaining("Out of order.") as string,
    });
  });
});
