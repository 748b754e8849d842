import { expect, it } from "vitest";
import { createLineSplitter } from "./split-lines.ts";

it("gives whole lines, wherever the pieces are cut", () => {
  const split = createLineSplitter(100);
  expect(["a", "b\nc\n", "\nd", "", "e\n"].map(split)).toEqual([[], ["ab", "c"], [""], [], ["de"]]);
});

it("refuses a line that does not end", () => {
  const split = createLineSplitter(10);
  expect(split("123456789\n")).toEqual(["123456789"]);
  expect(split("1234567890")).toEqual([]);
  expect(() => split("1")).toThrow("longer than 10 characters");
});
