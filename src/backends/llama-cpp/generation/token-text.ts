import type { LlamaModel, Token } from "node-llama-cpp";

/** Turns tokens into text as they come; a character may take several tokens. */
export interface TokenText {
  push(token: Token): string;
  /** What is left of a character that was never finished. */
  flush(): string;
}

/** More tokens than any character takes: what is not valid by then never will be. */
const longestCharacter = 8;
/** Some vocabularies write a word differently after another; this many tokens of it are enough. */
const contextTokens = 4;

/**
 * Makes a reader for one answer.
 * @param shown texts that are looked for in the answer: a special token is kept where it is part of one, and left out otherwise.
 */
export function createTokenText(
  model: LlamaModel,
  shown: readonly string[],
  before: readonly Token[] = [],
): TokenText {
  let last: Token[] = before.slice(-contextTokens);
  let pending: Token[] = [];

  function take(text: string): string {
    last = [...last, ...pending].slice(-contextTokens);
    pending = [];
    return text;
  }

  return {
    push(token) {
      if (model.isSpecialToken(token)) {
        const text = model.detokenize([token], true);
        const wanted = text !== "" && shown.some((each) => each.includes(text));
        const left = pending.length > 0 ? take(model.detokenize(pending, false, last)) : "";
        last = [...last, token].slice(-contextTokens);
        return wanted ? left + text : left;
      }
      pending.push(token);
      const text = model.detokenize(pending, false, last);
      return text.endsWith("\ufffd") && pending.length < longestCharacter ? "" : take(text);
    },
    flush() {
      return pending.length === 0 ? "" : take(model.detokenize(pending, false, last));
    },
  };
}
