import { describe, expect, it } from "vitest";
import { toWarningsHeader } from "./to-warnings-header.ts";

describe("toWarningsHeader", () => {
  it("is nothing where there is nothing", () => {
    expect(toWarningsHeader([])).toBeUndefined();
  });

  it("is a JSON array in ASCII, whatever was said", () => {
    const warnings = ["plain", 'a "quote"\r\nx-evil: 1', "größer – 😀"];
    const header = toWarningsHeader(warnings)!;
    expect(header).toMatch(/^[\u0020-\u007E]*$/);
    expect(JSON.parse(header)).toEqual(warnings);
  });

  it("is bounded, and counts what it leaves out", () => {
    const header = toWarningsHeader(Array.from({ length: 500 }, () => "é".repeat(1000)))!;
    expect(header.length).toBeLessThan(4_200);
    const said = JSON.parse(header) as string[];
    expect(said.at(-1)).toBe(`and ${500 - said.length + 1} more`);
  });
});
