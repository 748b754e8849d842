export const specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** BERT's `tokenizer.json` and `tokenizer_config.json` over a vocabulary of whole words, whose first five are {@link specialTokens}. */
export function wordPieceTokenizer(vocabulary: string[]) {
  const [pad, unknown, classify, separator, mask] = specialTokens;
  const single = [special(classify, 0), sequence("A", 0), special(separator, 0)];
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map(addedToken),
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single,
        pair: [...single, sequence("B", 1), special(separator, 1)],
        special_tokens: {
          [classify]: { id: classify, ids: [vocabulary.indexOf(classify)], tokens: [classify] },
          [separator]: { id: separator, ids: [vocabulary.indexOf(separator)], tokens: [separator] },
        },
      },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: unknown,
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: toVocabulary(vocabulary),
      },
    },
    config: {
      tokenizer_class: "BertTokenizer",
      model_max_length: 128,
      do_lower_case: true,
      pad_token: pad,
      unk_token: unknown,
      cls_token: classify,
      sep_token: separator,
      mask_token: mask,
    },
  };
}

/** A token that is never split, as `tokenizer.json` lists it. */
export function addedToken(content: string, id: number) {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}

/** Tokens and their ids, as `tokenizer.json` has them. */
export function toVocabulary(tokens: string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

function special(id: string, type: number) {
  return { SpecialToken: { id, type_id: type } };
}

function sequence(id: string, type: number) {
  return { Sequence: { id, type_id: type } };
}
