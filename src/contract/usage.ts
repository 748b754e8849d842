import { z } from "zod";

/**
 * What an answer cost, in tokens. A figure that nobody knows is left out, never guessed.
 * `inputTokens` counts the whole prompt, its cached part included; `outputTokens` the reasoning included.
 */
export const usage = z.object({
  inputTokens: z.int().nonnegative().optional(),
  outputTokens: z.int().nonnegative().optional(),
  /** Of the input, how many were found in a cache. */
  cachedInputTokens: z.int().nonnegative().optional(),
  /** Of the output, how many were reasoning. */
  reasoningTokens: z.int().nonnegative().optional(),
  /** The upstream's own figures, untouched. */
  raw: z.unknown().optional(),
});

export type Usage = z.infer<typeof usage>;

/** A figure of a usage that nobody has checked: a backend's author may give anything. Undefined where it is none. */
export function figureOf(given: unknown): number | undefined {
  return Number.isFinite(given) ? (given as number) : undefined;
}

/** What several requests cost together; `raw` is the list of theirs. */
export function sumUsage(all: readonly Usage[]): Usage {
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return first ?? {};
  const sum: Usage = { raw: all.map(({ raw }) => raw) };
  for (const name of [
    "inputTokens",
    "outputTokens",
    "cachedInputTokens",
    "reasoningTokens",
  ] as const) {
    const figures = all.flatMap((each) => each[name] ?? []);
    if (figures.length > 0) sum[name] = figures.reduce((total, figure) => total + figure, 0);
  }
  return sum;
}
