import { describeLimit, keeps, rowOfFailure, type Limit, type Row } from "./row.ts";

/** Gives one figure; the round tells one prompt from the next, so that none is found in a cache. */
export type Measurement = (round: number) => Promise<number>;

export interface Comparison {
  readonly what: string;
  readonly rounds: number;
  readonly limit: Limit;
  readonly ours: Measurement;
  readonly theirs: Measurement;
  readonly format: (figure: number) => string;
}

/**
 * Measures both sides in turns, the one that begins changing each round. The ratio is the median of the rounds' own: two figures taken
 * one after the other share what else the machine was doing, those of two rounds need not. One that fails does not cost the others.
 */
export async function compare(comparison: Comparison): Promise<Row> {
  return measure(comparison).catch((error: unknown) => rowOfFailure(comparison.what, error));
}

async function measure(comparison: Comparison): Promise<Row> {
  const { what, rounds, limit, format } = comparison;
  const figures = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["theirs", "ours"] as const) : (["ours", "theirs"] as const);
    for (const side of order) figures[side].push(await comparison[side](round));
  }
  const ratios = figures.ours.map((figure, round) => figure / (figures.theirs[round] ?? 0));
  const ratio = median(ratios);
  return {
    what,
    ours: format(median(figures.ours)),
    theirs: format(median(figures.theirs)),
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    bar: describeLimit(limit),
    met: keeps(limit, ratio),
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

/** Figures with the unit that a person expects. */
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const tokensPerSecond = (value: number): string => `${value.toFixed(1)} tokens/s`;
export const textsPerSecond = (value: number): string => `${value.toFixed(0)} texts/s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
