import type { TokenLogprob } from "../../../contract/capabilities/generation.ts";
import { field, list } from "./fields.ts";

/** How likely the tokens of a choice are, in the words of chat, or in the older ones of completions; undefined where nothing is told. */
export function fromLogprobs(given: unknown): TokenLogprob[] | undefined {
  const { content, tokens } = given as { content?: unknown; tokens?: unknown };
  const told = Array.isArray(content)
    ? content.flatMap(fromToken)
    : Array.isArray(tokens)
      ? fromLists(given as object, tokens)
      : [];
  return told.length === 0 ? undefined : told;
}

function fromToken(given: unknown): TokenLogprob[] {
  const others = list(field(given, "top_logprobs")).flatMap(fromLikelihood);
  const top = others.length === 0 ? {} : { top: others };
  return fromLikelihood(given).map((token) => ({ ...token, ...top }));
}

function fromLikelihood(given: unknown): Omit<TokenLogprob, "top">[] {
  const token = field(given, "token");
  const logprob = field(given, "logprob");
  const bytes = field(given, "bytes");
  // -Infinity has no word in JSON: servers write null, or a number that is far too small.
  if (typeof token !== "string" || typeof logprob !== "number") return [];
  return [{ token, logprob, ...(Array.isArray(bytes) ? { bytes: bytes as number[] } : {}) }];
}

function fromLists(given: object, tokens: readonly unknown[]): TokenLogprob[] {
  const logprobs = list(field(given, "token_logprobs"));
  const tops = list(field(given, "top_logprobs"));
  return tokens.flatMap((token, index) => {
    const logprob = logprobs[index];
    if (typeof token !== "string" || typeof logprob !== "number") return [];
    const top = Object.entries(tops[index] ?? {})
      .flatMap(([name, value]) =>
        typeof value === "number" ? [{ token: name, logprob: value }] : [],
      )
      .toSorted((one, other) => other.logprob - one.logprob);
    return [{ token, logprob, ...(top.length === 0 ? {} : { top }) }];
  });
}
