import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../../contract/capabilities/chat.ts";
import { toChatHistory } from "./convert.ts";

const say = (role: "system" | "user" | "assistant", text: string) =>
  ({ role, content: [{ type: "text", text }] }) as ChatMessage;
const call = (toolCallId: string): ChatMessage => ({
  role: "assistant",
  content: [{ type: "tool-call", toolCallId, toolName: "add", input: { a: 1 } }],
});
const result = (toolCallId: string, isError?: boolean): ChatMessage => ({
  role: "tool",
  content: [
    {
      type: "tool-result",
      toolCallId,
      toolName: "add",
      output: "2",
      ...(isError === undefined ? {} : { isError }),
    },
  ],
});
const called = (output: string) => ({
  type: "functionCall",
  name: "add",
  params: { a: 1 },
  result: output,
});

describe("toChatHistory", () => {
  it.each<[string, ChatMessage[], unknown[]]>([
    [
      "opens the model's turn",
      [say("system", "Be brief."), say("user", "Hi")],
      [
        { type: "system", text: "Be brief." },
        { type: "user", text: "Hi" },
        { type: "model", response: [] },
      ],
    ],
    [
      "leaves a turn that was begun open",
      [say("user", "Hi"), say("assistant", "Hel")],
      [
        { type: "user", text: "Hi" },
        { type: "model", response: ["Hel"] },
      ],
    ],
    [
      "puts a result into its call, and what follows into the same turn",
      [
        say("user", "1+1"),
        call("x"),
        result("x"),
        say("assistant", "It is 2."),
        say("user", "Thanks"),
      ],
      [
        { type: "user", text: "1+1" },
        { type: "model", response: [called("2"), "It is 2."] },
        { type: "user", text: "Thanks" },
        { type: "model", response: [] },
      ],
    ],
    [
      "says that a tool failed",
      [say("user", "1+1"), call("x"), result("x", true)],
      [
        { type: "user", text: "1+1" },
        { type: "model", response: [called("Error: 2")] },
      ],
    ],
    [
      "keeps reasoning apart",
      [
        say("user", "Hi"),
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "Hm" },
            { type: "text", text: "Yo" },
          ],
        },
      ],
      [
        { type: "user", text: "Hi" },
        {
          type: "model",
          response: [{ type: "segment", segmentType: "thought", text: "Hm", ended: true }, "Yo"],
        },
      ],
    ],
  ])("%s", (_, messages, history) => {
    expect(toChatHistory(messages)).toEqual(history);
  });

  it("refuses a result without its call", () => {
    expect(() => toChatHistory([say("user", "Hi"), result("y")])).toThrow(/answers no call/);
  });
});
