import { expect, it } from "vitest";
import { createFakeBackend, createFakeCall, yielding } from "./__fixtures__/fake-call.ts";
import type { Middleware, Next, Reply } from "./call.ts";
import { compose } from "./compose.ts";

const seen: string[] = [];
const reply: Reply = { target: { backend: "fake", model: "tiny" }, onEnd() {} };

function named(name: string): Middleware {
  return async (call, next) => {
    seen.push(`${name} before`);
    const answer = await next({ ...call, id: `${call.id}/${name}` });
    seen.push(`${name} after`);
    return answer;
  };
}

const execute: Next = async ({ id }) => {
  seen.push(id);
  return reply;
};

it("runs the first outermost, and hands on what each passes", async () => {
  const call = createFakeCall(createFakeBackend(yielding()));
  const run = compose([named("outer"), named("inner")], execute);
  expect(await run(call)).toBe(reply);
  expect(seen).toEqual([
    "outer before",
    "inner before",
    "call-1/outer/inner",
    "inner after",
    "outer after",
  ]);
});

it("is the end of the line where there is nothing to compose", () => {
  expect(compose([], execute)).toBe(execute);
});
