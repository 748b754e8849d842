import type { OnnxFolder } from "./onnx-folder.ts";
import { onnxModel, onnxNode, onnxTensor, onnxValue } from "./onnx-writer.ts";
import { addedToken, toVocabulary } from "./word-piece-tokenizer.ts";

const heads = 2;
const headWidth = 4;

const special = ["<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"];
const words = "<unk> user assistant system Hello from the tiny onnx model tick tock . hi".split(
  " ",
);
const vocabulary = [...special, ...words];

/** The text that it knows. */
const chains = [
  "assistant Hello from the tiny onnx model . <|im_end|>",
  "tick tock tick",
  "<|im_end|> </s>",
  "hi Hello",
];

const template =
  "{% for m in messages %}<|im_start|> {{ m['role'] }} {{ m['content'] }} <|im_end|> {% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|> assistant{% endif %}";

/** A llama whose next token depends on the last one alone. Any chat is answered `Hello from the tiny onnx model .`; `tick` goes on without end. */
export function onnxLanguageModel(): OnnxFolder {
  return {
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: heads * headWidth,
      num_hidden_layers: 1,
      num_attention_heads: heads,
      num_key_value_heads: heads,
      head_dim: headWidth,
      vocab_size: vocabulary.length,
      max_position_embeddings: 256,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 0,
    },
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: special.map(addedToken),
      normalizer: null,
      pre_tokenizer: { type: "WhitespaceSplit" },
      post_processor: null,
      decoder: null,
      model: { type: "WordLevel", unk_token: "<unk>", vocab: toVocabulary(vocabulary) },
    },
    tokenizerConfig: {
      tokenizer_class: "PreTrainedTokenizerFast",
      model_max_length: 256,
      pad_token: "<pad>",
      unk_token: "<unk>",
      bos_token: "<s>",
      eos_token: "</s>",
      chat_template: template,
    },
    generationConfig: { bos_token_id: 1, eos_token_id: [2, 4], pad_token_id: 0 },
    model: model(),
  };
}

function model(): Buffer {
  const size = vocabulary.length;
  const next = new Float32Array(size * size).fill(-10);
  for (const chain of chains) {
    const ids = chain.split(" ").map((word) => vocabulary.indexOf(word));
    for (const [index, id] of ids.slice(1).entries()) next[(ids[index] ?? 0) * size + id] = 5;
  }
  const cache = (name: string, length: string) =>
    onnxValue(name, "float", ["batch", heads, length, headWidth]);
  const parts = ["key", "value"];
  return onnxModel({
    nodes: [
      onnxNode("Gather", ["next", "input_ids"], "logits", { axis: 0 }),
      // the generator insists on a cache that grows by a place for each token: this one holds zeros
      onnxNode("Shape", ["input_ids"], "shape"),
      onnxNode("Gather", ["shape", "zero"], "batch", { axis: 0 }),
      onnxNode("Gather", ["shape", "one"], "sequence", { axis: 0 }),
      onnxNode("Concat", ["batch", "heads", "sequence", "headWidth"], "grown", { axis: 0 }),
      onnxNode("ConstantOfShape", ["grown"], "zeros"),
      ...parts.map((part) =>
        onnxNode("Concat", [`past_key_values.0.${part}`, "zeros"], `present.0.${part}`, {
          axis: 2,
        }),
      ),
    ],
    tensors: [
      onnxTensor("next", [size, size], next),
      ...Object.entries({ zero: 0, one: 1, heads, headWidth }).map(([name, value]) =>
        onnxTensor(name, [1], new BigInt64Array([BigInt(value)])),
      ),
    ],
    inputs: [
      onnxValue("input_ids", "int64", ["batch", "sequence"]),
      onnxValue("attention_mask", "int64", ["batch", "total"]),
      onnxValue("position_ids", "int64", ["batch", "sequence"]),
      ...parts.map((part) => cache(`past_key_values.0.${part}`, "past")),
    ],
    outputs: [
      onnxValue("logits", "float", ["batch", "sequence", size]),
      ...parts.map((part) => cache(`present.0.${part}`, "total")),
    ],
  });
}
