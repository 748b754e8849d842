import { array, assert, integer, nat, property } from "fast-check";
import { expect, it } from "vitest";
import { batchLimits, sortByLength, takeBatch } from "./take-batch.ts";

it("takes what fits, one row at least", () => {
  expect(takeBatch([2, 2, 2, 9], 0, { tokens: 8, rows: 32 })).toBe(3);
  expect(takeBatch([2, 2, 2, 9], 3, { tokens: 8, rows: 32 })).toBe(1);
  expect(takeBatch([2, 2, 2, 9], 0, { tokens: 100, rows: 2 })).toBe(2);
});

it("never takes more padded tokens than allowed, but for a single row", () => {
  assert(
    property(array(nat(600)), integer({ min: 1, max: 600 }), (lengths, tokens) => {
      const sorted = sortByLength(lengths).map((index) => lengths[index] ?? 0);
      expect(sorted).toEqual(lengths.toSorted((a, b) => a - b));
      for (let start = 0; start < sorted.length;) {
        const rows = takeBatch(sorted, start, { tokens, rows: 32 });
        const padded = rows * (sorted[start + rows - 1] ?? 0);
        expect(rows === 1 || padded <= tokens).toBe(true);
        start += rows;
      }
    }),
  );
});

it("makes smaller batches for slower models", () => {
  expect(batchLimits(0.01).tokens).toBe(512);
  expect(batchLimits(5).tokens).toBe(50);
  expect(batchLimits(undefined).tokens).toBe(128);
});
