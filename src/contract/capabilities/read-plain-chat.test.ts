import * as fc from "fast-check";
import { expect, it } from "vitest";
import { chat } from "./chat.ts";
import { readPlainChat } from "./read-plain-chat.ts";

/** Right nearly always: where all are, the whole is right often enough. */
function mostly<Value>(right: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 40, arbitrary: right },
    { weight: 1, arbitrary: fc.oneof(fc.jsonValue(), fc.constant(undefined)) },
  );
}

/** An object that now and then has a field too many. */
function object(fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[]) {
  const right = fc.record(fields, { requiredKeys, noNullPrototype: true });
  return fc.oneof(
    { weight: 40, arbitrary: right },
    { weight: 1, arbitrary: right.map((each) => ({ ...each, extra: 1 })) },
  );
}

const text = mostly(fc.oneof(fc.string(), fc.string({ unit: "binary" })));
const part = object({ type: mostly(fc.constant("text")), text }, ["type", "text"]);
const role = mostly(fc.constantFrom("system", "user", "assistant"));
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }));
const message = object({ role, content }, ["role", "content"]);
const request = object(
  {
    messages: mostly(fc.array(message, { maxLength: 3 })),
    maxTokens: mostly(fc.integer({ min: -1, max: 1_000 })),
    temperature: mostly(fc.double({ min: -0.1, max: 2.1 })),
    topP: mostly(fc.double({ min: -0.1, max: 1.1 })),
    seed: mostly(fc.oneof(fc.integer(), fc.double())),
  },
  ["messages"],
);

it("gives what the schema gives, or nothing", () => {
  let read = 0;
  fc.assert(
    fc.property(request, (value) => {
      const quick = readPlainChat(value);
      if (quick === undefined) return;
      read += 1;
      expect(chat.request.safeParse(value)).toEqual({ success: true, data: quick });
    }),
    { numRuns: 2_000 },
  );
  expect(read).toBeGreaterThan(100);
});

it("reads what most callers send", () => {
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hi." },
    { role: "assistant", content: [{ type: "text", text: "Hello." }] },
  ];
  const given = { messages, maxTokens: 64, temperature: 0.7, topP: 1, seed: 1 };
  expect(readPlainChat(given)).toEqual(chat.request.parse(given));
});
