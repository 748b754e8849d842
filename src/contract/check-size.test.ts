import { describe, expect, it } from "vitest";
import { checkSize } from "./check-size.ts";

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { items: value } : [value];
  return value;
}

const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`x${index}`, 1]));

describe("checkSize", () => {
  it("lets through what a request may hold", () => {
    for (const value of [undefined, "x", { schema: nested(150) }, { list: Array(20_000).fill(1) }])
      expect(() => checkSize(value)).not.toThrow();
  });

  it("names the field that is nested too deep, a ring too", () => {
    const ring: Record<string, unknown> = {};
    ring["self"] = ring;
    expect(() => checkSize({ schema: nested(5_000) })).toThrow(/^schema: .* 200 deep/);
    expect(() => checkSize({ schema: nested(100_000) })).toThrow(/^schema: .* 200 deep/);
    expect(() => checkSize({ ring })).toThrow(/^ring: .* 200 deep/);
  });

  it("names what holds too many fields", () => {
    expect(() => checkSize({ bias: many })).toThrow(/^bias: .* 10000 fields/);
    expect(() => checkSize(many)).toThrow(/^The request: .* 10000 fields/);
  });
});
