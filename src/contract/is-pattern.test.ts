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

it.each(["(", "[a", "*", "a{2,1}", "(?P<year>", "(?i)(", "(".repeat(1_000)])(
  "what is unfinished is none",
  (text) => expect(isPattern(text)).toBe(false),
);

it("keeps nobody waiting for one that takes long to parse", () => {
  const letters = Array.from({ length: 20_000 }, (_, index) =>
    String.fromCodePoint(256 + 2 * index),
  );
  for (const text of [`[${letters.join("").repeat(30)}]`, "(?#".repeat(1_000_000)])
    expect(isPattern(text)).toBe(true);
});
