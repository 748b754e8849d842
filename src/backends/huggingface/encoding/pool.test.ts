import { expect, it } from "vitest";
import { layerNorm, pool } from "./pool.ts";

// A row of padding before, three tokens of two dimensions, a row of padding after.
const values = Float32Array.of(9, 9, 1, 2, 3, -4, 5, 6, 9, 9);
const vectors = { values, dimensions: 2, first: 1, count: 3 };

it.each([
  ["cls", [1, 2]],
  ["last", [5, 6]],
  ["max", [5, 6]],
  ["mean", [9, 4]],
  ["weighted-mean", [1 + 6 + 15, 2 - 8 + 18]],
] as const)("pools by %s, padding left out", (pooling, expected) => {
  expect(pool(pooling, vectors)).toEqual(expected);
});

it("brings a vector to mean 0 and variance 1", () => {
  const [low = 0, high = 0] = layerNorm([1, 3]);
  expect(low).toBeCloseTo(-1, 4);
  expect(high).toBeCloseTo(1, 4);
});
