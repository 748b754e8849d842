import { expect, it } from "vitest";
import { chat, type ChatInput } from "./capabilities/chat.ts";
import { toTextMessages } from "./to-text-messages.ts";

const read = (messages: ChatInput["messages"]) => chat.request.parse({ messages }).messages;

it("are the same messages as plain text", () => {
  const messages = [
    { role: "system" as const, content: "Be brief." },
    { role: "user" as const, content: "Hi" },
  ];
  expect(toTextMessages(read(messages))).toEqual(messages);
});

it("lose no image", () => {
  const image = { type: "image" as const, data: "AAAA", mediaType: "image/png" };
  expect(() => toTextMessages(read([{ role: "user", content: [image] }]))).toThrow(
    expect.objectContaining({ code: "capability-not-supported" }),
  );
});
