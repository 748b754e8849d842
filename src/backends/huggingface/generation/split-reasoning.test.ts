import { expect, it } from "vitest";
import { chat, type ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { CompletionEvent } from "../../../contract/capabilities/completion.ts";
import { endsInReasoning, splitReasoning } from "./split-reasoning.ts";

async function* piecesOf(text: string, size: number): AsyncGenerator<CompletionEvent> {
  for (let at = 0; at < text.length; at += size)
    yield { type: "text-delta", text: text.slice(at, at + size) };
  yield { type: "finish", reason: "stop", usage: {} };
}

async function split(text: string, size: number, begun = false) {
  const events: ChatEvent[] = [];
  for await (const event of splitReasoning(piecesOf(text, size), begun)) events.push(event);
  const { reasoning, text: answer } = chat.collect(events);
  return [reasoning, answer];
}

it.each<[string, boolean, string | undefined, string]>([
  ["Just an answer.", false, undefined, "Just an answer."],
  [" An answer after a blank", false, undefined, " An answer after a blank"],
  ["<thin ice", false, undefined, "<thin ice"],
  ["<think>\nHm, 1 < 2.\n</think>\n\nYes.", false, "Hm, 1 < 2.", "Yes."],
  ["<think>\n\n</think>\n\nYes.", false, undefined, "Yes."],
  ["<think>cut short", false, "cut short", ""],
  ["Hm.</think>Yes, </think> too.", true, "Hm.", "Yes, </think> too."],
])("parts %j", async (text, begun, reasoning, answer) => {
  // a blank before the closing mark may have been told by then
  for (const size of [1, 3, 100]) {
    const [thought, said] = await split(text, size, begun);
    expect([thought?.trimEnd() || undefined, said]).toEqual([reasoning, answer]);
  }
});

it("sees a prompt that ends within the thinking", () => {
  expect(endsInReasoning("<|im_start|>assistant\n<think>\n")).toBe(true);
  expect(endsInReasoning("<|im_start|>assistant\n")).toBe(false);
});
