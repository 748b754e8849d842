import { describe, expect, it } from "vitest";
import { createTextScanner } from "./text-scanner.ts";

function scan(pieces: string[], markers: string[]): string[] {
  const scanner = createTextScanner();
  const found: string[] = [];
  for (const each of pieces) {
    for (let piece = each; ; piece = "") {
      const { text, marker } = scanner.feed(piece, markers);
      if (text !== "") found.push(text);
      if (marker === undefined) break;
      found.push(`[${marker}]`);
    }
  }
  return [...found, `+${scanner.flush()}`];
}

describe("createTextScanner", () => {
  it.each<[string, string[], string[], string[]]>([
    ["passes on what is no marker", ["a", "b"], ["x"], ["a", "b", "+"]],
    [
      "finds a marker in pieces",
      ["one S", "TO", "P two"],
      ["STOP"],
      ["one ", "[STOP]", " two", "+"],
    ],
    ["lets go of what became none", ["aS", "Tb"], ["STOP"], ["a", "STb", "+"]],
    ["gives what was held at the end", ["aST"], ["STOP"], ["a", "+ST"]],
    ["takes the first of two", ["abc"], ["c", "b"], ["a", "[b]", "[c]", "+"]],
    ["takes the longer of two at one place", ["xabc"], ["a", "ab"], ["x", "[ab]", "c", "+"]],
    [
      "takes every marker in turn",
      ["<t>why</t>so"],
      ["<t>", "</t>"],
      ["[<t>]", "why", "[</t>]", "so", "+"],
    ],
  ])("%s", (_, pieces, markers, expected) => {
    expect(scan(pieces, markers)).toEqual(expected);
  });
});
