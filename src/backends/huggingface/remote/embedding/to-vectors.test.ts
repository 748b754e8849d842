import { expect, it } from "vitest";
import { toVectors } from "./to-vectors.ts";

const close = [expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)];

it.each<[string, unknown, number]>([
  ["one vector", [3, 4], 1],
  ["a list of one", [[3, 4]], 1],
  [
    "the tokens of one text",
    [
      [1, 2],
      [5, 6],
    ],
    1,
  ],
  [
    "the tokens of one text in a list",
    [
      [
        [1, 2],
        [5, 6],
      ],
    ],
    1,
  ],
  ["lists around each text's tokens", [[[[3, 4]]], [[[6, 8]]]], 2],
  [
    "a named list",
    {
      embeddings: [
        [3, 4],
        [3, 4],
      ],
    },
    2,
  ],
])("reads %s", (_, answer, count) => {
  const vectors = toVectors(answer, { count, pooling: "mean" });
  expect(vectors).toEqual(Array.from({ length: count }, () => close));
});

it("pools tokens as the model's family does", () => {
  const tokens = [
    [
      [3, 4],
      [0, 1],
      [1, 0],
    ],
  ];
  expect(toVectors(tokens, { count: 1, pooling: "cls" })).toEqual([close]);
  expect(toVectors(tokens, { count: 1, pooling: "last" })).toEqual([[1, 0]]);
});

it.each<[string, unknown]>([
  ["nothing", null],
  ["labels", [{ label: "a", score: 1 }]],
  ["too few", [[1, 2]]],
  ["too many", [[1], [1], [1]]],
  ["different lengths", [[1, 2], [1]]],
  [
    "no direction",
    [
      [0, 0],
      [1, 0],
    ],
  ],
  [
    "something among the numbers",
    [
      [1, null],
      [1, 2],
    ],
  ],
  ["empty lists", [[], []]],
])("refuses %s", (_, answer) => {
  expect(() => toVectors(answer, { count: 2, pooling: "mean" })).toThrow(
    expect.objectContaining({ code: "invalid-response" }),
  );
});
