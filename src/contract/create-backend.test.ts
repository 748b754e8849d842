import { expect, it } from "vitest";
import { findWrong } from "./create-backend.ts";

const chat = () => {};

it.each<[string, unknown, string, RegExp]>([
  ["a promise", Promise.resolve(), "Its `create` gave a promise.", /`async`.*`initialize`/],
  ["nothing", undefined, "Its `create` gave undefined.", /return \{ capabilities/],
  ["a function", chat, "Its `create` gave a function.", /return \{ capabilities/],
  ["handlers alone", { chat }, "What its `create` gave has no `capabilities`.", /\{ capabilities/],
  ["a list of names", { capabilities: ["chat"] }, "Its `capabilities` are a list.", /a handler/],
  ["a text", { capabilities: { chat: "" } }, "Its handler of chat is a text.", /a function there/],
])("refuses %s", (_, made, problem, remedy) => {
  expect(findWrong(made)).toEqual({ problem, remedy: expect.stringMatching(remedy) });
});

it("takes a backend, also one that leaves a handler out by its value", () => {
  expect(findWrong({ capabilities: { chat, embedding: undefined } })).toBeUndefined();
});
