import type { LlamaModel, Token, TokenBias } from "node-llama-cpp";
import type { LlamaLibrary } from "../library.ts";
import type { Sampling } from "./sampling.ts";

/** How many tokens back a penalty looks, as llama.cpp's own programs do. */
export const penalisedTokens = 64;

/** The penalties in the library's words; undefined where there are none. */
export function toPenalties({
  repeatPenalty,
  frequencyPenalty,
  presencePenalty,
}: Pick<Sampling, "repeatPenalty" | "frequencyPenalty" | "presencePenalty">):
  | { penalty: number; frequencyPenalty: number; presencePenalty: number }
  | undefined {
  if (repeatPenalty === 1 && frequencyPenalty === 0 && presencePenalty === 0) return undefined;
  return { penalty: repeatPenalty, frequencyPenalty, presencePenalty };
}

/** The bias in the library's words; undefined where there is none. Numbers that are no token's are of no consequence. */
export function toTokenBias(
  library: Pick<LlamaLibrary, "TokenBias">,
  model: LlamaModel,
  { logitBias }: Pick<Sampling, "logitBias">,
): TokenBias | undefined {
  const entries = Object.entries(logitBias);
  if (entries.length === 0) return undefined;
  const bias = library.TokenBias.for(model);
  for (const [token, logit] of entries) bias.set(Number(token) as Token, { logit });
  return bias;
}
