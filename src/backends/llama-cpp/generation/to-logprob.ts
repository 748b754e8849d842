import type { LlamaModel, Token } from "node-llama-cpp";
import type { TokenLogprob } from "../../../contract/capabilities/generation.ts";

/** How likely a token was, and the `top` likeliest of those it was drawn from, which stand in `probabilities` with the likeliest first. */
export function toLogprob(
  model: Pick<LlamaModel, "detokenize">,
  token: Token,
  probabilities: ReadonlyMap<Token, number>,
  top: number,
): TokenLogprob {
  const read = (each: Token, probability: number) => ({
    token: model.detokenize([each], true),
    // JSON has no infinity
    logprob: Math.max(Math.log(probability), leastLogprob),
  });
  const likeliest: Omit<TokenLogprob, "top">[] = [];
  for (const [each, probability] of probabilities) {
    if (likeliest.length >= top) break;
    likeliest.push(read(each, probability));
  }
  return {
    ...read(token, probabilities.get(token) ?? 0),
    ...(top === 0 ? {} : { top: likeliest }),
  };
}

/** What stands for a token that could not come. */
const leastLogprob = -9999;
