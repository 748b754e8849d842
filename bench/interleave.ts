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

/** Several figures of one measurement, as several rows. */
export interface JointComparison<Figures> {
  readonly rounds: number;
  readonly ours: (round: number) => Promise<Figures>;
  readonly theirs: (round: number) => Promise<Figures>;
  readonly rows: readonly {
    readonly what: string;
    readonly figure: (figures: Figures) => number;
    readonly limit: Limit;
    readonly format: (figure: number) => string;
  }[];
}

/**
 * Measures both sides in turns, the one that begins changing each round. The ratio is the median of the rounds' own: two figures taken
 * one after the other share what else the machine was doing, those of two rounds need not. One that fails does not cost the others.
 */
export async function compare(comparison: Comparison): Promise<Row> {
  const { what, rounds, limit, ours, theirs, format } = comparison;
  const row = { what, figure: (figure: number) => figure, limit, format };
  const [measured] = await compareAll({ rounds, ours, theirs, rows: [row] });
  return measured ?? { what };
}

/** The same for measurements that give more than one figure. */
export async function compareAll<Figures>(comparison: JointComparison<Figures>): Promise<Row[]> {
  try {
    return await measure(comparison);
  } catch (error) {
    return comparison.rows.map(({ what }) => rowOfFailure(what, error));
  }
}

async function measure<Figures>(comparison: JointComparison<Figures>): Promise<Row[]> {
  const measured = { ours: [] as Figures[], theirs: [] as Figures[] };
  for (let round = 0; round < comparison.rounds; round++) {
    const order = round % 2 === 0 ? (["theirs", "ours"] as const) : (["ours", "theirs"] as const);
    for (const side of order) measured[side].push(await comparison[side](round));
  }
  return comparison.rows.map(({ what, figure, limit, format }) => {
    const [ours, theirs] = [measured.ours.map(figure), measured.theirs.map(figure)];
    const ratios = ours.map((each, round) => each / (theirs[round] ?? 0));
    const ratio = median(ratios);
    return {
      what,
      ours: format(median(ours)),
      theirs: format(median(theirs)),
      ratio,
      spread: [Math.min(...ratios), Math.max(...ratios)],
      bar: describeLimit(limit),
      met: keeps(limit, ratio),
    };
  });
}

export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

/** Figures with the unit that a person expects. */
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const tokensPerSecond = (value: number): string => `${value.toFixed(1)} tokens/s`;
export const textsPerSecond = (value: number): string => `${value.toFixed(0)} texts/s`;
export const requestsPerSecond = (value: number): string => `${value.toFixed(0)} requests/s`;
export const cpuPerRequest = (ms: number): string => `${(ms * 1000).toFixed(0)} µs`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
