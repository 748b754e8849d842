import type { LlamaModel, LlamaText, Token } from "node-llama-cpp";
import type { LlamaLibrary } from "../library.ts";

/**
 * A rendered prompt as tokens, in one go where that is safe: a template and the words in it share tokens, so cutting between them, as
 * the library does, gives other tokens than the model was trained on. Words in which a special token is spelt out are kept apart, so that
 * nobody ends a turn by writing its end.
 */
export function tokenizeText(
  { SpecialToken, SpecialTokensText }: Pick<LlamaLibrary, "SpecialToken" | "SpecialTokensText">,
  model: LlamaModel,
  text: LlamaText,
): Token[] {
  const tokens: Token[] = [];
  let run = "";
  const append = (more: readonly Token[]) => {
    for (const token of more) tokens.push(token);
  };
  const flush = () => {
    if (run !== "")
      append(model.tokenize(run, true, tokens.length > 0 ? "trimLeadingSpace" : undefined));
    run = "";
  };
  for (const value of text.values) {
    if (value instanceof SpecialToken) {
      flush();
      append(value.tokenize(model.tokenizer));
    } else if (value instanceof SpecialTokensText) run += value.value;
    else if (holdsSpecialToken(model, value)) {
      flush();
      append(model.tokenize(value, false, tokens.length > 0 ? "trimLeadingSpace" : undefined));
    } else run += value;
  }
  flush();
  return tokens;
}

function holdsSpecialToken(model: LlamaModel, text: string): boolean {
  // every special token we know is spelt with one of these
  if (!/[<[|\]>]/.test(text)) return false;
  return model.tokenize(text, true).some((token) => model.isSpecialToken(token));
}
