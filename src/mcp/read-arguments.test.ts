import { describe, expect, it } from "vitest";
import { readCount, readMessages, readText, refuseUnknownArguments } from "./read-arguments.ts";

describe("refuseUnknownArguments", () => {
  it("names each, with the nearest right one or all there are", () => {
    expect(() => refuseUnknownArguments("chat", { modle: 1, zzz: 2 }, ["model", "prompt"])).toThrow(
      'Invalid arguments of chat: modle: Unknown argument. Did you mean "model"?; zzz: Unknown argument. chat takes: model, prompt.',
    );
  });
});

describe("readText and readCount", () => {
  it("give what is there, and name what is wrong", () => {
    expect(readText("chat", { model: "m" }, "model")).toBe("m");
    expect(readText("chat", {}, "model")).toBeUndefined();
    expect(() => readText("chat", { model: null }, "model")).toThrow(
      "model: Must be a text, found null.",
    );
    expect(() => readText("chat", { model: "" }, "model")).toThrow("found an empty text");
    expect(readCount("chat", { timeoutMs: 5 }, "timeoutMs")).toBe(5);
    expect(() => readCount("chat", { timeoutMs: 0.5 }, "timeoutMs")).toThrow("a whole number");
  });
});

describe("readMessages", () => {
  it("takes images as MCP writes them", () => {
    const image = { type: "image", data: "AAAA", mimeType: "image/png" };
    const text = { type: "text", text: "what is it?" };
    expect(readMessages([{ role: "user", content: [image, text] }])).toEqual([
      { role: "user", content: [{ type: "image", data: "AAAA", mediaType: "image/png" }, text] },
    ]);
  });

  it.each([
    [undefined],
    ["text"],
    [[5, null, {}, { role: "user", content: "hi" }, { role: "user", content: [7] }]],
    [[{ content: [{ type: "image", data: "", mediaType: "image/png", mimeType: "x" }] }]],
  ])("leaves all else as it is: %j", (messages) => {
    expect(readMessages(messages)).toEqual(messages);
  });
});
