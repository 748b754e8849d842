import type { TokenLogprob } from "../../../contract/capabilities/generation.ts";

/** How likely the tokens of a completion are, in OpenAI's older words. `offset`: how many characters of the answer stand before them. */
export function toCompletionLogprobs(tokens: readonly TokenLogprob[], offset: number) {
  let next = offset;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top = [] }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: tokens.map(({ token }) => {
      const at = next;
      next += token.length;
      return at;
    }),
  };
}
