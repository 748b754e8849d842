import { expect, it } from "vitest";
import { describeUnforeseen } from "./describe-unforeseen.ts";

function thrownAt(...frames: string[]): Error {
  const error = new TypeError("the prompt was: hush");
  error.stack = ["TypeError: the prompt was: hush", ...frames].join("\n");
  return error;
}

it.each<[unknown, string | undefined]>([
  [
    thrownAt("    at Object.chat (file:///p/acme.ts?modelyard-version=2:14:11)"),
    "a TypeError at /p/acme.ts:14:11",
  ],
  [
    thrownAt("    at parse (node:internal/x:1:1)", "    at async /p/acme.js:3:5"),
    "a TypeError at /p/acme.js:3:5",
  ],
  [
    thrownAt("    at f (/p/node_modules/x/index.js:1:2)", "    at g (file:///p/acme.ts:9:1)"),
    "a TypeError at /p/acme.ts:9:1",
  ],
  [thrownAt(`    at f (${import.meta.url}:1:2)`, "    at g (file:///p/acme.ts:9:1)"), undefined],
  [thrownAt(), undefined],
  ["a text", "a text where an error belongs"],
  [undefined, "undefined where an error belongs"],
  [{ status: 429 }, "an object where an error belongs"],
])("%j", (thrown, expected) => {
  expect(describeUnforeseen(thrown)).toBe(expected);
});
