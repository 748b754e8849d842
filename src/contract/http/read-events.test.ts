import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startTestServer } from "./__fixtures__/test-server.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { readEvents, type ReadEventsOptions, type ServerSentEvent } from "./read-events.ts";

function responseOf(chunks: readonly (string | Uint8Array)[]): Response {
  const encoder = new TextEncoder();
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? encoder.encode(chunk) : chunk));
  return new Response(ReadableStream.from(bytes) as ReadableStream<Uint8Array>);
}

async function read(response: Response, options?: ReadEventsOptions): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(response, options)) events.push(event);
  return events;
}

describe("events", () => {
  it.each<[string, string[]]>([
    ["data: a\n\ndata: b\n\n", ["a", "b"]],
    ["data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["data: a\r\rdata: b\r\r", ["a", "b"]],
    [": comment\n\ndata: a\n\n: another\n\n", ["a"]],
    ["data: a\ndata: b\n\n", ["a\nb"]],
    ["data:a\nid: 1\nretry: 5\n\n", ["a"]],
    ["", []],
  ])("of %j", async (text, expected) => {
    expect((await read(responseOf([text]))).map(({ data }) => data)).toEqual(expected);
  });

  it("bear their name", async () => {
    expect(await read(responseOf(["event: error\ndata: x\n\n"]))).toEqual([
      { event: "error", data: "x" },
    ]);
  });

  it("are the same however the bytes are split", async () => {
    const text =
      ': hi\r\ndata: {"text":"grüße 🦊"}\r\n\r\nevent: x\ndata: 1\ndata: 2\n\ndata: [DONE]\n\n';
    const bytes = new TextEncoder().encode(text);
    const whole = await read(responseOf([bytes]));
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const borders = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
        expect(await read(responseOf(chunks))).toEqual(whole);
      }),
    );
  });

  it("that the stream ended in the midst of are marked", async () => {
    expect(await read(responseOf(["data: a\n\ndata: b"]))).toEqual([
      { event: undefined, data: "a" },
      { event: undefined, data: "b", unended: true },
    ]);
  });

  it("may be long, to a limit", async () => {
    const long = "x".repeat(100_000);
    expect((await read(responseOf([`data: ${long}\n\n`])))[0]?.data).toBe(long);
    await expect(
      read(responseOf(["data: a\n\n", `data: ${long}`, "more", "\n\n"]), { maxLength: 1_000 }),
    ).rejects.toMatchObject({ code: "invalid-response" });
  });
});

describe("the connection", () => {
  const first = "data: a\n\n";

  it("is used again after the last event", async () => {
    await using server = await startTestServer((_, response) => {
      response.write(first);
      setTimeout(() => response.end(": goodbye\n\n"), 20);
    });
    const { fetch, close } = createGuardedFetch();
    for (let again = 0; again < 3; again++) {
      const events = await read(await fetch(server.url), { isLast: () => true });
      expect(events).toHaveLength(1);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(server.connections).toHaveLength(1);
    await close();
  });

  it("is closed when a server goes on after the last event", async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await startTestServer((request, response) => {
      response.write(first);
      const more = setInterval(() => response.write(": still here\n\n"), 10);
      request.socket.on("close", () => {
        clearInterval(more);
        closed.resolve();
      });
    });
    const { fetch, close } = createGuardedFetch();
    expect(await read(await fetch(server.url), { isLast: () => true })).toHaveLength(1);
    await closed.promise;
    await close();
  });

  it("is closed when the reader stops", async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await startTestServer((request, response) => {
      response.write(first);
      request.socket.on("close", () => closed.resolve());
    });
    const { fetch, close } = createGuardedFetch();
    for await (const event of readEvents(await fetch(server.url))) {
      expect(event.data).toBe("a");
      break;
    }
    await closed.promise;
    await close();
  });
});
