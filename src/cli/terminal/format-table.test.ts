import { expect, it } from "vitest";
import { formatTable, type Column } from "./format-table.ts";

const columns: Column<{ name: string; size: string; note: string }>[] = [
  { title: "NAME", cell: ({ name }) => name },
  { title: "SIZE", align: "right", cell: ({ size }) => size },
  { title: "NOTE", cell: ({ note }) => note },
];

it("sets columns under each other, numbers to the right, without an empty column", () => {
  const rows = [
    { name: "a", size: "98.4 MB", note: "" },
    { name: "longer", size: "1 kB", note: "" },
  ];
  expect(formatTable(columns, rows)).toBe("NAME       SIZE\na       98.4 MB\nlonger     1 kB");
});

it("does not count colours as width", () => {
  const rows = [{ name: "\u001B[1mab\u001B[22m", size: "1", note: "x" }];
  expect(formatTable(columns, rows).split("\n")[1]).toBe("\u001B[1mab\u001B[22m       1  x");
});
