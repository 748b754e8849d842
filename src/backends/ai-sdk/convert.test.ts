import { describe, expect, it } from "vitest";
import { chat } from "../../contract/capabilities/chat.ts";
import { toCallOptions, toFinishReason, toUsage } from "./convert.ts";

const image = { type: "image" as const, data: "iVBORw0KGgo=", mediaType: "image/png" };

describe("toCallOptions", () => {
  it.each([
    ["v4", { type: "data", data: image.data }],
    ["v3", image.data],
  ])("writes a file as %s has it", (specification, data) => {
    const request = chat.request.parse({ messages: [{ role: "user", content: [image] }] });
    expect(toCallOptions(request, specification).prompt).toEqual([
      { role: "user", content: [{ type: "file", mediaType: "image/png", data }] },
    ]);
  });

  it("says nothing that the request does not", () => {
    const request = chat.request.parse({ prompt: "Hello", tools: [] });
    expect(Object.keys(toCallOptions(request, "v4"))).toEqual(["prompt"]);
  });

  it("leaves other backends' options out", () => {
    const providerOptions = { ollama: { keep_alive: "5m" } };
    const request = chat.request.parse({ prompt: "Hello", providerOptions });
    expect(toCallOptions(request, "v4")).not.toHaveProperty("providerOptions");
  });
});

describe("toFinishReason", () => {
  it.each([
    ["stop", "end_turn", false, "stop"],
    ["stop", "stop", true, "tool-calls"],
    ["length", undefined, true, "length"],
    ["content-filter", "SAFETY", false, "content-filter"],
    ["other", "pause_turn", false, "other"],
    ["other", undefined, false, undefined],
    ["interrupted", undefined, false, undefined],
    ["error", "MALFORMED_FUNCTION_CALL", false, undefined],
  ] as const)("%s (%s), calls %s: %s", (unified, raw, hasCalls, expected) => {
    expect(toFinishReason({ unified, raw }, hasCalls)).toBe(expected);
  });
});

describe("toUsage", () => {
  it("leaves out what nobody knows", () => {
    const unknown = { total: undefined, cacheRead: undefined, reasoning: undefined };
    expect(toUsage({ inputTokens: unknown, outputTokens: unknown })).toEqual({});
    expect(
      toUsage({
        inputTokens: { total: 0, cacheRead: 0 },
        outputTokens: { total: Number.NaN, reasoning: 0 },
      }),
    ).toEqual({ inputTokens: 0 });
  });
});
