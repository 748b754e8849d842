import { MissingIngredient } from "../test/peers/missing-ingredient.ts";

/** One line of the table: what was measured, beside what, and whether the bar is met. */
export interface Row {
  readonly what: string;
  /** A figure with its unit, as a person reads it. */
  readonly ours?: string;
  /** The alternative's figure, out of the same run. */
  readonly theirs?: string;
  /** The median of the rounds' own ratios. */
  readonly ratio?: number;
  /** The lowest and the highest of them: how far the figure can be trusted. */
  readonly spread?: readonly [number, number];
  readonly bar?: string;
  readonly met?: boolean;
  /** Why there is no figure. */
  readonly skipped?: string;
}

export interface BenchOptions {
  /** How often each side is measured. */
  readonly rounds: number;
  /** How long a load lasts that must leave no trace in memory. */
  readonly minutes: number;
  /** Hears what is being done: some groups take minutes. */
  say(line: string): void;
}

/** Measures one group of bars. */
export type BarGroup = (options: BenchOptions) => Promise<Row[]>;

/** The ratio that is asked for. */
export type Limit = { readonly atMost: number } | { readonly atLeast: number };

export function describeLimit(limit: Limit): string {
  return "atMost" in limit ? `≤ ${limit.atMost} ×` : `≥ ${limit.atLeast} ×`;
}

export function keeps(limit: Limit, ratio: number): boolean {
  return "atMost" in limit ? ratio <= limit.atMost : ratio >= limit.atLeast;
}

/** What a group gives that could not run: skipped for want of an ingredient, missed where it failed. */
export function rowOfFailure(what: string, error: unknown): Row {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof MissingIngredient) return { what, skipped: reason };
  return { what, ours: `failed: ${reason}`, met: false };
}
