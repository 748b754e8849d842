import { expect, it } from "vitest";
import { splitBatches } from "./split-batches.ts";

const lengthOf = (text: string) => text.length;

it("keeps the order, the number, and what a body may hold", () => {
  const few = splitBatches(["a", "b", "c", "d", "e"], 2, lengthOf);
  expect(few).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  const long = "x".repeat(300_000);
  const longer = "x".repeat(900_000);
  const sizes = splitBatches(["a", long, long, longer, "b"], 32, lengthOf).map(
    ({ length }) => length,
  );
  expect(sizes).toEqual([2, 1, 1, 1]);
});
