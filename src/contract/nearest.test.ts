import { expect, it } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const words = ["chat", "completion", "embedding", "classification", "smollm2:135m"];

it.each<[string, string[]]>([
  ["chta", ["chat"]],
  ["CHAT", ["chat"]],
  ["embeding", ["embedding"]],
  ["smollm2", ["smollm2:135m"]],
  ["class_ificatoin", ["classification"]],
  ["zzzzzz", []],
  ["that", ["chat"]],
  ["cart", []],
  ["x".repeat(10_000_000), []],
])("finds what is near (%#)", (word, expected) => {
  expect(nearest(word, words)).toEqual(expected);
});

it("takes no short name for near only because it is short", () => {
  expect(nearest("conversation", ["n"])).toEqual([]);
  expect(nearest("id", ["n"])).toEqual([]);
  expect(nearest("nn", ["n"])).toEqual(["n"]);
});

it("puts the likest first, and no more than asked for", () => {
  expect(nearest("timeot", ["target", "timeouts", "timeout", "tiemot"], 2)).toEqual([
    "timeout",
    "timeouts",
  ]);
});

it("names them in a sentence, or says nothing", () => {
  expect(didYouMean("chta", words)).toBe(' Did you mean "chat"?');
  expect(didYouMean("zzzzzz", words)).toBe("");
  expect(didYouMean("chta", words, (name) => `any/${name}`)).toBe(' Did you mean "any/chat"?');
});
