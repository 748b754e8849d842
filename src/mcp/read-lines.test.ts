import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLines } from "./read-lines.ts";

describe("readLines", () => {
  it("gives the same lines however they are cut into chunks", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.array(fc.nat({ max: 7 }), { minLength: 1 }),
        (texts, sizes) => {
          const wanted = texts.map((text) => text.replaceAll("\n", ""));
          const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(""));
          const lines: string[] = [];
          const read = readLines(10_000, { line: (line) => lines.push(line), tooLong() {} });
          let start = 0;
          for (let turn = 0; start < bytes.length; turn++) {
            const end = start + (sizes[turn % sizes.length] ?? 0) + 1;
            read(bytes.subarray(start, end));
            start = end;
          }
          expect(lines).toEqual(wanted);
        },
      ),
    );
  });

  it("drops a line that is too long, keeping its edges, and reads the next", () => {
    const events: unknown[] = [];
    const read = readLines(1000, {
      line: (line) => events.push(line),
      tooLong: (size, head, tail) => events.push([size, head.slice(0, 5), tail.slice(-5)]),
    });
    const long = `start${"x".repeat(5000)}final\nnext\n`;
    for (const letter of long.match(/.{1,100}|\n/gs) ?? []) read(Buffer.from(letter));
    expect(events).toEqual([[5010, "start", "final"], "next"]);
  });
});
