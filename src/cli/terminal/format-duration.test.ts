import { expect, it } from "vitest";
import { formatDuration, formatSeconds } from "./format-duration.ts";

it.each([
  [0, "0 ms"],
  [420.4, "420 ms"],
  [3_240, "3.2 s"],
  [12_400, "12 s"],
  [80_000, "1 min 20 s"],
  [7_500_000, "2 h 5 min"],
])("writes %d ms as %s", (milliseconds, written) => {
  expect(formatDuration(milliseconds)).toBe(written);
});

it("writes what changes while one looks in whole seconds", () => {
  expect(formatSeconds(3_240)).toBe("3 s");
});
