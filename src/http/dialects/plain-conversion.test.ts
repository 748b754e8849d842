import { describe, expect, it } from "vitest";
import { createPlainConversion } from "./plain-conversion.ts";

const origin = { id: "1", backend: "test", model: "m", createdAt: 0 };

describe("createPlainConversion", () => {
  const read = createPlainConversion("translation").read({
    model: "test/m",
    timeoutMs: 5,
    stream: true,
    text: "a",
  });

  it("hands on what the capability itself takes", () => {
    expect([read.requests, read.stream]).toEqual([[{ text: "a" }], true]);
    expect(read.toAnswer([{ text: "b" }], origin).body).toEqual({
      text: "b",
      model: "m",
      backend: "test",
    });
  });

  it("writes each event, with what no header could say in the last", () => {
    const frames = read.createFrames(origin, () => ({ warnings: ["late"] }));
    expect(frames.toFrame({ type: "word" }, 0)).toBe('data: {"type":"word"}\n\n');
    expect(frames.toFrame({ type: "finish" }, 0)).toBe(
      'data: {"type":"finish","modelyard":{"warnings":["late"]}}\n\n',
    );
    const cut = { type: "finish", reason: "timeout" };
    expect(() => frames.toFrame(cut, 0)).toThrow("The deadline passed in mid-answer.");
  });
});
