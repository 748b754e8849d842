import { stripVTControlCharacters } from "node:util";

/** A column of a table; numbers stand to the right. */
export interface Column<Row> {
  title: string;
  align?: "right";
  cell(row: Row): string;
}

/** Rows under their titles, two spaces between columns; a column in which no row has anything is left out. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  styleTitle: (title: string) => string = (title) => title,
): string {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""))
    .map(({ column, cells }) => ({
      ...column,
      cells,
      width: cells.reduce(
        (widest, cell) => Math.max(widest, visibleLength(cell)),
        column.title.length,
      ),
    }));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => {
        const { width, align } = filled[index]!;
        const padding = " ".repeat(width - visibleLength(text));
        return align === "right" ? padding + text : text + padding;
      })
      .join("  ")
      .trimEnd();
  const lines = [line(filled.map(({ title }) => title))].map(styleTitle);
  for (const index of rows.keys()) lines.push(line(filled.map(({ cells }) => cells[index]!)));
  return lines.join("\n");
}

function visibleLength(text: string): number {
  // Few hold any, and a table may have thousands of rows.
  return text.includes("\u001B") || text.includes("\u009B")
    ? stripVTControlCharacters(text).length
    : text.length;
}
