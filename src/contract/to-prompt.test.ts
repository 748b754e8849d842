import { expect, it } from "vitest";
import { chat, type ChatInput } from "./capabilities/chat.ts";
import { toPrompt } from "./to-prompt.ts";

const read = (messages: ChatInput["messages"]) => chat.request.parse({ messages }).messages;

it("is a text that ends where the answer begins", () => {
  const messages = read([
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello." },
    { role: "user", content: "Who are you?" },
  ]);
  expect(toPrompt(messages)).toBe(
    "Be brief.\n\nUser: Hi\nAssistant: Hello.\nUser: Who are you?\nAssistant:",
  );
  const names = { user: "Q", assistant: "A" };
  expect(toPrompt(messages.slice(3), { names })).toBe("Q: Who are you?\nA:");
});

it("loses no image", () => {
  const image = { type: "image" as const, data: "AAAA", mediaType: "image/png" };
  expect(() => toPrompt(read([{ role: "user", content: [image] }]))).toThrow(
    expect.objectContaining({ code: "capability-not-supported" }),
  );
});
