import { expect, it } from "vitest";
import { isPattern } from "./is-pattern.ts";

it.each([
  "",
  "^[a-z]+$",
  "^\\p{L}{1,3}$",
  "\\-\\_",
  "(?i)^yes$",
  "(?P<year>\\d{4})-(?P=year)",
  "(?>a+)b++",
  "(?#why)a",
  "\\A\\d+\\Z",
])("%j is a regular expression", (text) => expect(isPattern(text)).toBe(true));

it.each(["(", "[a", "*", "a{2,1}", "(?P<year>", "(?i)(", "(".repeat(100_000)])(
  "what is unfinished is none",
  (text) => expect(isPattern(text)).toBe(false),
);
