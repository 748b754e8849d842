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
