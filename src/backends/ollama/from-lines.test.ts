import { describe, expect, it } from "vitest";
import { fromLines } from "./from-lines.ts";

async function eventsOf(...lines: unknown[]): Promise<object[]> {
  async function* all() {
    yield* lines;
  }
  const events: object[] = [];
  for await (const event of fromLines(all(), "m")) events.push(event);
  return events;
}

const call = (name: string, id?: string) => ({
  ...(id === undefined ? {} : { id }),
  function: { name, arguments: { city: "Rome" } },
});

describe("the lines of an answer", () => {
  it("hold thoughts, then text", async () => {
    const events = await eventsOf(
      { message: { content: "", thinking: "hm" }, done: false },
      { message: { content: "yes" }, done: false },
      { message: { content: "" }, done: true, done_reason: "stop", prompt_eval_count: 3 },
    );
    expect(events).toEqual([
      { type: "reasoning-delta", text: "hm" },
      { type: "text-delta", text: "yes" },
      {
        type: "finish",
        reason: "stop",
        rawReason: "stop",
        // What is zero is left out upstream.
        usage: { inputTokens: 3, outputTokens: 0, raw: { prompt_eval_count: 3 } },
      },
    ]);
  });

  it("hold parallel calls of tools, each with an id, though Ollama says stop", async () => {
    const events = await eventsOf(
      { message: { content: "", tool_calls: [call("a", "call_1"), call("b")] }, done: false },
      { message: { content: "", tool_calls: [call("c")] }, done: false },
      { message: { content: "" }, done: true, done_reason: "stop" },
    );
    expect(events).toMatchObject([
      { type: "tool-call", toolCallId: "call_1", toolName: "a", input: { city: "Rome" } },
      { type: "tool-call", toolCallId: expect.stringMatching(/^call_.+/), toolName: "b" },
      { type: "tool-call", toolName: "c" },
      { type: "finish", reason: "tool-calls", rawReason: "stop" },
    ]);
    const ids = events.flatMap((event) => ("toolCallId" in event ? [event.toolCallId] : []));
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ["length", "length"],
    ["load", "other"],
    ["unload", "other"],
    [undefined, "other"],
  ])("end by %s as %s", async (done_reason, reason) => {
    expect(await eventsOf({ response: "", done: true, done_reason })).toMatchObject([{ reason }]);
  });

  it("are no answer without the last one", async () => {
    await expect(eventsOf({ response: "half", done: false })).rejects.toMatchObject({
      code: "stream-interrupted",
    });
  });

  it.each([
    ["model runner has unexpectedly stopped, this may be due to …", "backend-error"],
    ["llama runner process has terminated: signal: killed", "backend-error"],
    ["an error was encountered while running the model: unexpected EOF", "backend-error"],
    ["model requires more system memory (5.6 GiB) than is available", "insufficient-memory"],
    ["something new", "backend-error"],
  ])("with the error %j are %s", async (error, code) => {
    await expect(eventsOf({ response: "half" }, { error })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(error),
      remedy: expect.any(String),
    });
  });

  it("with an error that is no text are told in its words", async () => {
    await expect(eventsOf({ error: { message: "no room" } })).rejects.toMatchObject({
      code: "backend-error",
      message: "Ollama broke off: no room",
    });
  });

  it.each(["text", null, 7])("are no answer where one is %j", async (line) => {
    await expect(eventsOf(line)).rejects.toMatchObject({ code: "invalid-response" });
  });
});
