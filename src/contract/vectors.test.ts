import { expect, it } from "vitest";
import { unitVector } from "./unit-vector.ts";
import { vectorFromBase64, vectorToBase64 } from "./vector-base64.ts";

it("turns a vector into base64 and back, the low byte first", () => {
  expect(vectorToBase64([1, -0.5])).toBe("AACAPwAAAL8=");
  expect(vectorFromBase64("AACAPwAAAL8=")).toEqual([1, -0.5]);
});

it.each(["", "AAA=", "no base64 at all"])("finds no vector in %j", (text) => {
  expect(() => vectorFromBase64(text)).toThrow(
    expect.objectContaining({ code: "invalid-response" }),
  );
});

it("gives vectors length 1, of whatever kind they are", () => {
  expect(unitVector([3, 4])).toEqual([0.6, 0.8]);
  expect(unitVector(Float32Array.of(0, 2))).toEqual([0, 1]);
  expect(unitVector([0, 0])).toEqual([0, 0]);
});
