import type { TokenLogprob } from "../../../../contract/capabilities/generation.ts";

/** How likely the tokens of a chat's text are, as OpenAI writes it. */
export function toLogprobs(tokens: readonly TokenLogprob[]) {
  return {
    content: tokens.map(({ top = [], ...token }) => ({
      ...toToken(token),
      top_logprobs: top.map(toToken),
    })),
    refusal: null,
  };
}

function toToken({ token, logprob, bytes }: Omit<TokenLogprob, "top">) {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
