import type { Machine } from "./machine.ts";
import type { Row } from "./row.ts";

export interface TableOptions {
  readonly machine: Machine & { readonly loadAfter: number };
  readonly rounds: number;
}

/** The rows as a person reads them, and what they were taken on. */
export function formatTable(rows: readonly Row[], { machine, rounds }: TableOptions): string {
  const header = ["what", "ours", "beside", "ratio", "(lowest – highest)", "bar", ""];
  const lines = [header, ...rows.map(toCells)];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? "").length)),
  );
  const table = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const notes = rows
    .filter(({ skipped }) => skipped !== undefined)
    .map(({ what, skipped }) => `${what}: skipped, ${skipped}`);
  const { cores, processor, node, platform, load, loadAfter } = machine;
  const bars = rows.filter(({ met }) => met !== undefined);
  const met = bars.filter((row) => row.met === true).length;
  return [
    ...table,
    "",
    ...notes,
    `${met} of ${bars.length} bars met. Medians of ${rounds}, interleaved.`,
    `${cores} cores (${processor.trim()}), ${platform}, Node ${node}, load ${load.toFixed(1)} before and ${loadAfter.toFixed(1)} after.`,
    "",
  ].join("\n");
}

/** One row on one line. */
export function summaryOf(row: Row): string {
  return toCells(row)
    .filter((cell) => cell !== "")
    .join(", ");
}

function toCells(row: Row): string[] {
  const { what, ours = "", theirs = "", ratio, spread, bar = "", met, skipped } = row;
  return [
    what,
    ours,
    theirs,
    ratio === undefined ? "" : `${toFigure(ratio)} ×`,
    spread === undefined ? "" : `(${spread.map(toFigure).join(" – ")})`,
    bar,
    skipped === undefined ? ({ true: "met", false: "MISSED" }[String(met)] ?? "") : "skipped",
  ];
}

function toFigure(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}
