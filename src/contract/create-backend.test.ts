import { expect, it, vi } from "vitest";
import { createBackend, findWrong } from "./create-backend.ts";
import { silentLog } from "./silent-log.ts";

const chat = () => {};

function thrower(): never {
  throw undefined;
}

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

it("refuses a handler whose name is nearly a capability's, and no other", () => {
  expect(findWrong({ capabilities: { caht: chat } }, ["chat"])).toEqual({
    problem: 'It has a handler of "caht", which is no capability.',
    remedy: 'Did you mean "chat"?',
  });
  expect(findWrong({ capabilities: { caht: chat, shout: chat, chat } }, ["chat"])).toBeUndefined();
});

it("tells of a method that is nearly one of ours, and of a `create` that throws", () => {
  const warn = vi.fn<(message: string) => void>();
  const setup = { name: "box", config: {}, fetch, log: { ...silentLog, warn } };
  const making = (create: () => unknown) =>
    createBackend({ create } as never, { ...setup, unloaded() {}, secret() {} });
  making(() => ({ capabilities: {}, listmodels: chat, ping: chat }));
  expect(warn.mock.calls).toEqual([
    ["box: its `listmodels` is never called: is `listModels` meant?"],
  ]);
  expect(() => making(thrower)).toThrow(
    'The backend "box" can\'t be made. Its `create` throws undefined where an error belongs.',
  );
});

it("takes a backend, also one that leaves a handler out by its value", () => {
  expect(findWrong({ capabilities: { chat, embedding: undefined } })).toBeUndefined();
});
