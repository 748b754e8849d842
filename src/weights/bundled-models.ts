/** Where the tokenizers and configurations that ship with us lie: for weights whose package mirror holds the weights alone. */
export const bundledModels: URL = new URL("models/", import.meta.url);

/** The files as types. Nothing is loaded for it, but naming them makes `tsc` carry them over to `dist`, beside the code that reads them. */
export type BundledFiles = [
  typeof import("./models/all-minilm-l6-v2/1_Pooling/config.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/config.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/modules.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/sentence_bert_config.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/special_tokens_map.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/tokenizer.json", { with: { type: "json" } }),
  typeof import("./models/all-minilm-l6-v2/tokenizer_config.json", { with: { type: "json" } }),
];
