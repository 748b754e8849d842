import type { Tokenizer } from "../library.ts";

/** Token by token as text: what is new, and nothing of a letter that is not whole yet. */
export interface TokenText {
  push(id: number): string;
  /** What was held back, once nothing more comes. */
  flush(): string;
}

const halfLetter = "\uFFFD";

/**
 * What a token reads as depends on those before it. So the last few that are certain are read once without and once with the new
 * ones; the difference is new. That stays quick however long the answer is. `after` are the tokens that it goes on from: without
 * them, many tokenizers drop the blank before its first word.
 */
export function createTokenText(tokenizer: Tokenizer, after: readonly number[] = []): TokenText {
  const ids: number[] = [...after];
  let from = 0;
  let certain = after.length;
  const read = (end: number) =>
    end <= from ? "" : tokenizer.decode(ids.slice(from, end), { skip_special_tokens: true });
  function advance(): string {
    const before = read(certain);
    const text = read(ids.length).slice(before.length);
    from = certain;
    certain = ids.length;
    return text;
  }
  return {
    push(id) {
      ids.push(id);
      return read(ids.length).endsWith(halfLetter) ? "" : advance();
    },
    flush: advance,
  };
}
